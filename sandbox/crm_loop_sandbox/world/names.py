"""Names of made-up people and companies; every person and every company has its own."""

from typing import NamedTuple


class Name(NamedTuple):
    """A person's name and how it is written in an address."""

    family: str
    given: str
    address: str


FAMILY_JA = {"田中": "tanaka", "佐藤": "sato", "鈴木": "suzuki", "高橋": "takahashi", "伊藤": "ito",
             "渡辺": "watanabe", "山本": "yamamoto", "中村": "nakamura", "小林": "kobayashi",
             "加藤": "kato", "吉田": "yoshida", "山田": "yamada", "佐々木": "sasaki",
             "山口": "yamaguchi", "松本": "matsumoto", "井上": "inoue", "木村": "kimura", "林": "hayashi",
             "斎藤": "saito", "清水": "shimizu", "山崎": "yamazaki", "森": "mori", "池田": "ikeda",
             "橋本": "hashimoto", "阿部": "abe", "石川": "ishikawa", "前田": "maeda", "藤田": "fujita",
             "小川": "ogawa", "岡田": "okada", "後藤": "goto", "長谷川": "hasegawa", "村上": "murakami",
             "近藤": "kondo", "石井": "ishii"}  # fmt: skip
GIVEN_JA = {"一郎": "ichiro", "花子": "hanako", "健太": "kenta", "美咲": "misaki", "大輔": "daisuke",
            "陽子": "yoko", "翔": "sho", "彩": "aya", "拓也": "takuya", "恵": "megumi", "直樹": "naoki",
            "由美": "yumi", "亮": "ryo", "真由": "mayu", "和也": "kazuya", "千尋": "chihiro",
            "誠": "makoto", "愛": "ai", "剛": "tsuyoshi", "香織": "kaori"}  # fmt: skip
FAMILY_EN = ("Smith", "Garcia", "Brown", "Novak", "Wilson", "Okafor", "Martin", "Rossi", "Clark",
             "Nguyen", "Walker", "Larsen", "Young", "Haddad", "King", "Moreau")  # fmt: skip
GIVEN_EN = ("Anna", "Ben", "Clara", "David", "Emma", "Frank", "Grace", "Henry", "Isla", "Jack",
            "Kate", "Liam", "Maria", "Noah", "Olivia", "Paul")  # fmt: skip
COMPANY_JA = ("青葉", "港北", "東海", "瀬戸内", "北斗", "大和", "みなと", "あさひ", "若草", "富士見", "桜川",
              "銀河", "白樺", "潮見", "ひかり", "常盤", "緑が丘", "三河", "筑波", "八重洲", "浜松", "神田",
              "月島", "伊吹", "武蔵野", "相模", "信濃", "北陸", "筑後", "日向", "石狩")  # fmt: skip
TRADE_JA = ("精機", "製作所", "電機", "化学", "食品", "物流", "商事", "システム", "建設", "工業")
COMPANY_EN = ("Northwind", "Bluefield", "Granite", "Harbor", "Summit", "Cedar", "Lakeside",
              "Pioneer", "Redwood", "Silverline", "Orchard", "Beacon", "Foxglove", "Ironbridge",
              "Juniper", "Kestrel", "Maplewood", "Quarry", "Thornton", "Willow", "Ashford",
              "Brightwater", "Coppergate", "Driftwood", "Eastbrook", "Fernhill", "Goldcrest",
              "Heather", "Inglewood", "Oakridge", "Pinecrest")  # fmt: skip
TRADE_EN = ("Tools", "Foods", "Logistics", "Systems", "Chemicals", "Works", "Trading", "Motors",
            "Textiles", "Instruments")  # fmt: skip
REGIONS_JA = ("", "関西", "東北", "九州", "北海道", "中部", "四国", "沖縄")
REGIONS_EN = (
    "",
    "Western ",
    "Eastern ",
    "Northern ",
    "Southern ",
    "Central ",
    "Pacific ",
    "Atlantic ",
)


def person(number: int, *, japanese: bool, seed: int) -> Name:
    """The name of the number-th person; 700 Japanese and 256 English ones differ."""
    if japanese:
        families, givens = tuple(FAMILY_JA), tuple(GIVEN_JA)
        family, given, again = _pair(number, seed, families, givens)
        return Name(family, given, f"{GIVEN_JA[given]}.{FAMILY_JA[family]}{again}")
    family, given, again = _pair(number, seed, FAMILY_EN, GIVEN_EN)
    return Name(family, given, f"{given}.{family}".lower() + again)


def _pair(
    number: int, seed: int, families: tuple[str, ...], givens: tuple[str, ...]
) -> tuple[str, str, str]:
    """Walks through all pairs before one comes again; the last part numbers the repetition."""
    rounds, family = divmod(number, len(families))
    # Four steps a family and one a round share no divisor with either list of given names.
    given = (rounds + 4 * number + seed) % len(givens)
    again = rounds // len(givens)
    return families[(family + seed) % len(families)], givens[given], str(again + 1) if again else ""


def company(number: int, *, japanese: bool, seed: int) -> str:
    """The name of the number-th company; no two are equal."""
    names, trades = (COMPANY_JA, TRADE_JA) if japanese else (COMPANY_EN, TRADE_EN)
    regions, blank = (REGIONS_JA, "") if japanese else (REGIONS_EN, " ")
    rounds, place = divmod(number, len(names) * len(trades))
    rounds, region = divmod(rounds, len(regions))
    # 31 first parts and 10 trades share no divisor, so both can turn together.
    name, trade = names[(place + seed) % len(names)], trades[(place + seed) % len(trades)]
    return f"{regions[region]}{name}{blank}{trade}" + (f"{blank}{rounds + 1}" if rounds else "")
