"""How a step treats each parameter: its gradient, how far it moves, and which hidden units are dead."""

from playground.health.advice import Advice, advise
from playground.health.sample import HealthSample, ParameterHealth, UnitHealth, health_of

__all__ = ["Advice", "HealthSample", "ParameterHealth", "UnitHealth", "advise", "health_of"]
