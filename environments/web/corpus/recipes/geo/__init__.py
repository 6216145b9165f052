"""The world as a corpus: countries of the Factbook with the data of world-countries, cities, and airports."""
