"""Parchemin's kit, over each family of the ministry: what it declares, its cases, and a publication on a real register."""

from plugins.conformance import FamilyContract

from parchemin_agri import bac_pro_agricole, bpa, btsa, capa, stav


class TestCapa(FamilyContract):
    family = capa.family


class TestBpa(FamilyContract):
    family = bpa.family


class TestBacProAgricole(FamilyContract):
    family = bac_pro_agricole.family


class TestStav(FamilyContract):
    family = stav.family


class TestBtsa(FamilyContract):
    family = btsa.family
