"""Names of made-up people and companies."""

FAMILY_JA = ("田中", "佐藤", "鈴木", "高橋", "伊藤", "渡辺", "山本", "中村", "小林", "加藤", "吉田", "山田",
             "佐々木", "山口", "松本", "井上", "木村", "林", "斎藤", "清水", "山崎", "森", "池田", "橋本",
             "阿部", "石川", "前田", "藤田", "小川", "岡田", "後藤", "長谷川", "村上", "近藤", "石井")  # fmt: skip
GIVEN_JA = ("一郎", "花子", "健太", "美咲", "大輔", "陽子", "翔", "彩", "拓也", "恵", "直樹", "由美", "亮",
            "真由", "和也", "千尋", "誠", "愛", "剛", "香織")  # fmt: skip
FAMILY_EN = ("Smith", "Garcia", "Brown", "Novak", "Wilson", "Okafor", "Martin", "Rossi", "Clark",
             "Nguyen", "Walker", "Larsen", "Young", "Haddad", "King", "Moreau")  # fmt: skip
GIVEN_EN = ("Anna", "Ben", "Clara", "David", "Emma", "Frank", "Grace", "Henry", "Isla", "Jack",
            "Kate", "Liam", "Maria", "Noah", "Olivia", "Paul")  # fmt: skip
ROMAJI = {"田中": "tanaka", "佐藤": "sato", "鈴木": "suzuki", "高橋": "takahashi", "伊藤": "ito",
          "渡辺": "watanabe", "山本": "yamamoto", "中村": "nakamura", "小林": "kobayashi",
          "加藤": "kato", "吉田": "yoshida", "山田": "yamada", "佐々木": "sasaki",
          "山口": "yamaguchi", "松本": "matsumoto", "井上": "inoue", "木村": "kimura", "林": "hayashi",
          "斎藤": "saito", "清水": "shimizu", "山崎": "yamazaki", "森": "mori", "池田": "ikeda",
          "橋本": "hashimoto", "阿部": "abe", "石川": "ishikawa", "前田": "maeda", "藤田": "fujita",
          "小川": "ogawa", "岡田": "okada", "後藤": "goto", "長谷川": "hasegawa", "村上": "murakami",
          "近藤": "kondo", "石井": "ishii"}  # fmt: skip
COMPANY_JA = ("青葉", "港北", "東海", "瀬戸内", "北斗", "大和", "みなと", "あさひ", "若草", "富士見", "桜川",
              "銀河", "白樺", "潮見", "ひかり", "常盤", "緑が丘", "三河", "筑波", "八重洲")  # fmt: skip
TRADE_JA = ("精機", "製作所", "電機", "化学", "食品", "物流", "商事", "システム", "建設", "工業")
COMPANY_EN = ("Northwind", "Bluefield", "Granite", "Harbor", "Summit", "Cedar", "Lakeside",
              "Pioneer", "Redwood", "Silverline", "Orchard", "Beacon")  # fmt: skip
TRADE_EN = ("Tools", "Foods", "Logistics", "Systems", "Chemicals", "Works", "Trading", "Motors")
