"""ui/widgets/tensor."""
