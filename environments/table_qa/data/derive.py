"""Derives the CSV files of this folder from the SQLite database inside PyPI's `mendeleev`: `pip install mendeleev`, then run this file.

Besides choosing and renaming columns it repairs what would teach a chemist nonsense; every repair has its reason at the place, and
ATTRIBUTION.md lists them. Source: mendeleev (MIT), itself a collection of CRC, NUBASE2020, AME2020, NIST ASD and others.
"""

import argparse
import csv
import hashlib
import importlib.util
import re
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SECONDS = {"sec": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0, "year": 365.2422 * 86400}
PREFIX = {"y": 1e-24, "z": 1e-21, "a": 1e-18, "f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3} | {
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
    "P": 1e15,
    "E": 1e18,
    "Z": 1e21,
    "Y": 1e24,
}
LATTICES = {
    "BCC": "body-centred cubic",
    "CUB": "cubic",
    "DIA": "diamond cubic",
    "FCC": "face-centred cubic",
    "HEX": "hexagonal",
    "MCL": "monoclinic",
    "ORC": "orthorhombic",
    "RHL": "rhombohedral",
    "SC": "simple cubic",
    "TET": "tetragonal",
}
GOLDSCHMIDT = {"litophile": "lithophile"}
COUNTRIES = {"USA": "United States", "DRC": "Democratic Republic of the Congo", "Kyrgzstan": "Kyrgyzstan"} | {
    "Republic of Korea": "South Korea"
}
MODES: dict[str, tuple[str, int, int]] = {  # name, change of Z, change of A
    "A": ("alpha", -2, -4),
    "B-": ("beta-minus", 1, 0),
    "B+": ("beta-plus or electron capture", -1, 0),
    "e+": ("positron emission", -1, 0),
    "EC": ("electron capture", -1, 0),
    "EC+B+": ("electron capture with positron emission", -2, 0),
    "2B-": ("double beta-minus", 2, 0),
    "2B+": ("double beta-plus or double electron capture", -2, 0),
    "p": ("proton emission", -1, -1),
    "2p": ("two-proton emission", -2, -2),
    "3p": ("three-proton emission", -3, -3),
    "n": ("neutron emission", 0, -1),
    "2n": ("two-neutron emission", 0, -2),
    "3n": ("three-neutron emission", 0, -3),
    "4n": ("four-neutron emission", 0, -4),
    "B-n": ("beta-minus-delayed neutron emission", 1, -1),
    "B-p": ("beta-minus-delayed proton emission", 0, -1),
    "B-d": ("beta-minus-delayed deuteron emission", 0, -2),
    "B-t": ("beta-minus-delayed triton emission", 0, -3),
    "B-A": ("beta-minus-delayed alpha", -1, -4),
    "B+p": ("beta-plus-delayed proton emission", -2, -1),
    "B+A": ("beta-plus-delayed alpha", -3, -4),
    "B+pA": ("beta-plus-delayed proton and alpha", -4, -5),
}
DELAYED_NEUTRONS = {
    "2n": ("beta-minus-delayed two-neutron emission", 1, -2),
    "3n": ("beta-minus-delayed three-neutron emission", 1, -3),
    "4n": ("beta-minus-delayed four-neutron emission", 1, -4),
}
FISSION = {
    "SF": "spontaneous fission",
    "B-SF": "beta-minus-delayed fission",
    "B+SF": "beta-plus-delayed fission",
}
PRIMARY = frozenset({"A", "B-", "B+", "EC", "EC+B+", "2B-", "2B+", "p", "2p", "3p", "n", "SF"})
ELEMENTS = """
    SELECT atomic_number, name, symbol, period, group_id, series_id, block, electronic_configuration, atomic_weight, density,
           en_pauling, electron_affinity, dipole_polarizability, atomic_radius, covalent_radius_pyykko, vdw_radius_alvarez,
           fusion_heat, evaporation_heat, heat_of_formation, specific_heat_capacity, thermal_conductivity, lattice_structure,
           lattice_constant, goldschmidt_class, abundance_crust, abundance_sea,
           NOT EXISTS (SELECT 1 FROM isotopes i WHERE i.atomic_number = e.atomic_number AND abundance > 0 AND half_life_unit IS NULL),
           discovery_year, discovery_location
    FROM elements e ORDER BY atomic_number"""
ELEMENT_COLUMNS = [
    "atomic_number",
    "name",
    "symbol",
    "period",
    "group_number",
    "series_id",
    "block",
    "electron_configuration",
    "atomic_weight",
    "density_g_cm3",
    "electronegativity",
    "electron_affinity_ev",
    "polarizability_au",
    "atomic_radius_pm",
    "covalent_radius_pm",
    "vdw_radius_pm",
    "fusion_heat_kj_mol",
    "vaporization_heat_kj_mol",
    "formation_heat_kj_mol",
    "specific_heat_j_gk",
    "thermal_conductivity_w_mk",
    "lattice",
    "lattice_constant_a",
    "goldschmidt_class",
    "crust_abundance_mg_kg",
    "sea_abundance_mg_l",
    "is_radioactive",
    "discovery_year",
    "discovery_place",
]
Rows = Iterable[Iterable[Any]]


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes the CSV files of the bundled periodic table.")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to")
    out = parser.parse_args().out
    path = database()
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    symbols = dict(db.execute("SELECT atomic_number, symbol FROM elements"))
    tables: dict[str, tuple[list[str], Rows]] = {
        "groups": (["group_number", "cas_label", "name"], groups(db)),
        "series": (["series_id", "name"], db.execute("SELECT id, name FROM series ORDER BY id")),
        "elements": (ELEMENT_COLUMNS, elements(db)),
        "isotopes": (
            [
                "nuclide",
                "element",
                "mass_number",
                "neutrons",
                "mass_u",
                "abundance_percent",
                "is_stable",
                "half_life_s",
                "spin",
                "parity",
                "discovery_year",
            ],
            isotopes(db, symbols),
        ),
        "decay_modes": (
            ["decay_id", "nuclide", "mode", "intensity_percent", "daughter"],
            decay_modes(db, symbols),
        ),
        "solid_forms": (
            [
                "form",
                "element",
                "allotrope",
                "melting_point_k",
                "boiling_point_k",
                "critical_temperature_k",
                "critical_pressure_mpa",
                "triple_point_k",
            ],
            solid_forms(db),
        ),
        "oxidation_states": (["state_id", "element", "oxidation_state", "is_main"], oxidation_states(db)),
        "ionization_energies": (["species", "element", "ion_charge", "energy_ev"], ionization_energies(db)),
        "ionic_radii": (
            ["radius_id", "element", "charge", "coordination", "spin_state", "ionic_radius_pm", "crystal_radius_pm"],
            ionic_radii(db),
        ),
        "producers": (["producer_id", "element", "rank", "country"], producers(db)),
    }
    for name, (columns, rows) in tables.items():
        write(out / f"{name}.csv", columns, rows)
    print(f"source {path.name}: sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}")


def database() -> Path:
    """The file inside the installed package; nothing of the package is imported."""
    found = importlib.util.find_spec("mendeleev")
    if found is None or found.origin is None:
        sys.exit("mendeleev is not installed; run: pip install mendeleev==1.3.0")
    return Path(found.origin).parent / "elements.db"


def write(path: Path, columns: list[str], rows: Rows) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        count = 0
        for row in rows:
            writer.writerow([plain(value) for value in row])
            count += 1
    print(f"{path.name}: {count} rows, {path.stat().st_size:,} bytes")


def plain(value: Any) -> Any:
    """A value as its shortest text: 110.00000000000001 is noise of a conversion, 12 digits are more than any source has."""
    if isinstance(value, float):
        short = float(f"{value:.12g}")
        return int(short) if short.is_integer() and abs(short) < 1e15 else short
    return "" if value is None else value


def groups(db: sqlite3.Connection) -> Rows:
    return db.execute("SELECT group_id, symbol, nullif(name, '') FROM groups ORDER BY group_id")


def elements(db: sqlite3.Connection) -> Rows:
    for row in db.execute(ELEMENTS):
        record = dict(zip(ELEMENT_COLUMNS, row, strict=True))
        affinity = record["electron_affinity_ev"]
        if affinity is not None and affinity < -1:
            record["electron_affinity_ev"] = None  # He, Be, N, Ar: no bound anion; the values are kJ/mol, not eV
        if record["symbol"] == "K":
            record["fusion_heat_kj_mol"] = record["vaporization_heat_kj_mol"] = None  # 102.5 and 2.33: misplaced values
        record["lattice"] = LATTICES.get(record["lattice"])
        record["goldschmidt_class"] = GOLDSCHMIDT.get(record["goldschmidt_class"], record["goldschmidt_class"])
        yield record.values()


def isotopes(db: sqlite3.Connection, symbols: dict[int, str]) -> Rows:
    query = """SELECT atomic_number, mass_number, mass, abundance, half_life, half_life_unit, spin, nullif(parity, ''), discovery_year
               FROM isotopes ORDER BY atomic_number, mass_number"""
    for z, a, mass, abundance, half_life, unit, spin, parity, year in db.execute(query):
        # `is_radioactive` is false for 84 unbound nuclides that were never seen: stable is what occurs in nature and has no half-life
        stable = int(abundance is not None and unit is None)
        seconds = None if half_life is None else float(f"{half_life * seconds_per(unit):.6g}")
        named = f"{symbols[z]}-{a}"
        yield named, z, a, a - z, mass, abundance, stable, seconds, spin or None, parity, year


def seconds_per(unit: str) -> float:
    if unit in SECONDS:
        return SECONDS[unit]
    return PREFIX[unit[0]] * SECONDS[unit[1:]]


def decay_modes(db: sqlite3.Connection, symbols: dict[int, str]) -> Rows:
    """Observed decays with what they lead to. Decays that are merely possible and upper limits are left out."""
    known = {(z, a) for z, a in db.execute("SELECT atomic_number, mass_number FROM isotopes")}
    query = """SELECT atomic_number, mass_number, mode, intensity FROM isotopedecaymodes JOIN isotopes ON isotopes.id = isotope_id
               WHERE relation IN ('=', '~') ORDER BY atomic_number, mass_number, isotopedecaymodes.id"""
    by_isotope: dict[tuple[int, int], dict[str, float | None]] = defaultdict(dict)
    for z, a, mode, intensity in db.execute(query):
        by_isotope[z, a][mode] = intensity
    number = 0
    for (z, a), modes in by_isotope.items():
        for mode, intensity in believable(modes).items():
            number += 1
            name, end = effect(mode, z, a, delayed="B-" in modes)
            daughter = f"{symbols[end[0]]}-{end[1]}" if end in known else None
            yield number, f"{symbols[z]}-{a}", name, intensity, daughter


def believable(modes: dict[str, float | None]) -> dict[str, float | None]:
    """Intensities without those whose power of ten was lost: U-238 has 5.44e-5 % of fission, the source says 5.44.

    Branches that add up to more than 100 % are the sign; then only the greatest is kept. Clusters and delayed fission are always rarer
    than 1 %, so a number for them is never kept.
    """
    kept = {mode: value if mode in MODES or mode == "SF" else None for mode, value in modes.items()}
    kept = {mode: value or None for mode, value in kept.items()}  # 0.0 stands for "not zero, too small to print"
    parts = {mode: value for mode, value in kept.items() if mode in PRIMARY and value is not None}
    if "B+" in parts:
        parts.pop("EC", None)  # a part of B+
    if sum(parts.values()) > 100.1:
        greatest = max(parts, key=lambda mode: parts[mode])
        kept |= {mode: None for mode in parts if mode != greatest}
    return kept


def effect(mode: str, z: int, a: int, *, delayed: bool) -> tuple[str, tuple[int, int]]:
    """A decay's name, and Z and A of what it leaves; (0, 0) for fission."""
    if mode in FISSION:
        return FISSION[mode], (0, 0)
    cluster = re.fullmatch(r"(\d+)([A-Z][a-z]?)", mode)
    if cluster:
        charges = {"C": 6, "O": 8, "F": 9, "Ne": 10, "Mg": 12, "Si": 14}
        return f"{cluster[2]}-{cluster[1]} emission", (z - charges[cluster[2]], a - int(cluster[1]))
    # the source shortens "B-2n" to "2n"; a nuclide that beta-decays has no time for direct emission
    name, more_z, more_a = DELAYED_NEUTRONS[mode] if delayed and mode in DELAYED_NEUTRONS else MODES[mode]
    return name, (z + more_z, a + more_a)


def solid_forms(db: sqlite3.Connection) -> Rows:
    """One row per element, or per allotrope. Points that are no melting or boiling points (transitions, sublimation) are left out."""
    query = """SELECT name, e.atomic_number, allotrope, CASE WHEN is_transition THEN NULL ELSE melting_point END,
                      CASE WHEN is_sublimation_point THEN NULL ELSE boiling_point END, critical_temperature, critical_pressure,
                      triple_point_temperature
               FROM phasetransitions p JOIN elements e ON e.atomic_number = p.atomic_number ORDER BY e.atomic_number, p.id"""
    for name, z, allotrope, *points in db.execute(query):
        if any(point is not None for point in points):
            yield f"{name} ({allotrope})" if allotrope else name, z, allotrope, *points


def oxidation_states(db: sqlite3.Connection) -> Rows:
    query = "SELECT atomic_number, oxidation_state, category = 'main' FROM oxidationstates ORDER BY atomic_number, oxidation_state"
    return ((number, *row) for number, row in enumerate(db.execute(query), 1))


def ionization_energies(db: sqlite3.Connection) -> Rows:
    """Of species with at most nine electrons removed; higher ones matter to astrophysics only."""
    return db.execute(
        """SELECT species_name, atomic_number, ion_charge, ionization_energy FROM ionizationenergies
           WHERE ion_charge < 10 AND ionization_energy IS NOT NULL ORDER BY atomic_number, ion_charge"""
    )


def ionic_radii(db: sqlite3.Connection) -> Rows:
    """Shannon radii. The negative ones (H+, C4+, N5+ in some coordinations) are fits, not sizes, and are left out."""
    query = """SELECT atomic_number, charge, coordination, nullif(spin, ''), ionic_radius, crystal_radius FROM ionicradii
               WHERE ionic_radius > 0 AND coordination <> '' ORDER BY atomic_number, charge, id"""
    return ((number, *row) for number, row in enumerate(db.execute(query), 1))


def producers(db: sqlite3.Connection) -> Rows:
    number = 0
    for z, text in db.execute("SELECT atomic_number, top_3_producers FROM elements WHERE top_3_producers IS NOT NULL"):
        for rank, country in re.findall(r"(\d)\)\s*(.*?)\s*(?=\d\)|$)", text):
            number += 1
            short = re.sub(r"\s*\(.*\)", "", country)
            yield number, z, int(rank), COUNTRIES.get(short, short)


if __name__ == "__main__":
    main()
