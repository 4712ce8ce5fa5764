"""What this connector asks for, reads and writes, for the approval pack."""

from importlib.resources import files

from crm_loop.connector.disclosure import Disclosure, from_toml


def disclosure() -> Disclosure:
    return from_toml(files(__package__).joinpath("disclosure.toml").read_text("utf-8"))
