"""The diplomas of the Ministry of Agriculture as families of Parchemin, one module each. Only `plugins` and `strawberry` are imported."""
