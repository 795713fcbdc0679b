"""`python -m bench.read.serving MODULE:FACTORY PORT WORKERS`: an application under uvicorn, with the loop and the parser in C.

A module may have a protocol of its own, `HTTP`.
"""

import sys
from importlib import import_module

import uvicorn

MOST_AT_ONCE = 1000

if __name__ == "__main__":
    application, port, workers = sys.argv[1:]
    http = getattr(import_module(application.partition(":")[0]), "HTTP", "httptools")
    uvicorn.run(
        application, factory=True, port=int(port), workers=int(workers), loop="uvloop", http=http, log_level="warning",
        access_log=False, server_header=False, forwarded_allow_ips="127.0.0.1", limit_concurrency=MOST_AT_ONCE,
    )  # fmt: skip
