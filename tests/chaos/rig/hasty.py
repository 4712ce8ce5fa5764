"""A plugin for tests that only have to fail: what fails is not made smaller, nothing is kept."""

from hypothesis import Phase, settings

settings.register_profile(
    "hasty", phases=[Phase.explicit, Phase.generate], database=None, derandomize=True
)
settings.load_profile("hasty")
