# make run          opens the playground; the first time it installs everything into .venv
# make test         runs the tests in two processes, without a display
# make soak         uses the window at random for some minutes; a failure prints its seed and its last actions
# make check        ruff, mypy, and who may import whom
# make bench        measures the speed
# make screenshots  writes the pictures of the documentation
# make clean        removes what building and testing left; .venv stays
#
# On Linux, PyTorch comes with several gigabytes of CUDA. Without a graphics card of NVIDIA the set-up takes the
# small build from https://download.pytorch.org/whl/cpu, where that answers within three seconds.

.PHONY: run test soak check bench screenshots clean

run:
	@tools/set-up
	@.venv/bin/torch-playground

test:
	@tools/set-up test,check
	@.venv/bin/python tools/run_tests.py

soak:
	@tools/set-up test,check
	@SOAK_ACTIONS=2000 SOAK_SEEDS=5 QT_QPA_PLATFORM=offscreen .venv/bin/python -m pytest tests/gui/test_random_driver.py

check:
	@tools/set-up test,check
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy .
	.venv/bin/lint-imports --no-logo

bench:
	@tools/set-up
	@.venv/bin/torch-playground bench

screenshots:
	@tools/set-up
	@.venv/bin/python -m tools.screenshots

clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache *.egg-info
	find playground ui tests tools -name __pycache__ -type d -exec rm -rf {} +
