"""Writing systems that have no spaces between words, as classes for regular expressions."""

# Chinese characters, also in Japanese: the repetition mark and zero, the unified ideographs and their extensions.
HAN = r"\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Japanese; katakana also in half width.
HIRAGANA = r"\u3041-\u309f"
KATAKANA = r"\u30a0-\u30ff\u31f0-\u31ff\uff66-\uff9f"
# Korean.
HANGUL = r"\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3"
