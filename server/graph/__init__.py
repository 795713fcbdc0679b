"""The graph over HTTP: how a request becomes an operation and an answer becomes bytes. `docs/http.md` is what clients read.

`endpoint` is the way of a request; `body`, `request` and `media` read it, `trusted` and `operations` find what it asks for, `prepared`
keeps the answers that are the same for everybody, `answers` writes. Subscriptions go through Strawberry's own view, in `streaming`.
"""
