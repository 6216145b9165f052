"""The World Factbook as a corpus: pages of countries, territories and oceans, and the facts that their lines state without doubt."""
