"""What a client sees: types, scalars, enums, problems, pages and ids, without input or output.

Each stored field says where it is stored (`graph.stored`). Imports nothing of ours; everybody may import it.

Glossary, where the law's word stays French: `ADMIS`, `AJOURNE` (not admitted, may sit again), `ETALEMENT` (tests spread over
several sessions, code de l'éducation D351-27), `ASSEZ_BIEN` … `TRES_BIEN_FELICITATIONS` (mentions), `Baccalaureat`, `Brevet`.
"""
