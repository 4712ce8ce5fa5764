"""Texts that people bring, in whatever their programs write."""

#: What spreadsheets write: UTF-8 with or without a mark, or Shift_JIS.
ENCODINGS = ("utf-8-sig", "cp932")


def decoded(data: bytes) -> str:
    """The first encoding that fits; nothing is ever replaced by a guess.

    UnicodeDecodeError when none does.
    """
    for encoding in ENCODINGS[:-1]:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode(ENCODINGS[-1])
