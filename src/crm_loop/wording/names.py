"""What people are called."""

from crm_loop.loop_records import Member


def called(member: Member, language: str, *, beside: Member | None = None) -> str:
    """Family name and さん in Japanese; the given name in English, `-san` for Japanese people.

    `beside` is the other one of a pair: two people of one name are called by their full names.
    """
    clash = beside is not None and _short(beside, language) == _short(member, language)
    name = member.name if clash else _short(member, language)
    if language == "ja":
        return f"{name.replace(' ', '') if not name.isascii() else name}さん"
    return f"{name}-san" if _is_japanese(member) else name


def _short(member: Member, language: str) -> str:
    if language == "ja" or _is_japanese(member):
        return member.family_name
    given = member.name.removesuffix(member.family_name).strip()
    return given or member.name


def _is_japanese(member: Member) -> bool:
    return member.language.lower().startswith("ja") or not member.name.isascii()
