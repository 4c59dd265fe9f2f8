"""Values that fields of several objects take, right and wrong."""

NAMES = ["c0", "c1", "v", "v2", "", "A", "a.b", "a_b", "-a", "x" * 64, "é", 'a<b>&"\n', "\u200b\x7f"]
SIZES = ["1", "100m", "1Gi", "1.5", "0.5", "-1", "1e3", "1k", "0", "128974848", "1500Mi", "0.1Mi", "1234n"]
