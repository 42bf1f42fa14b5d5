#!/usr/bin/python3
"""The handler of VideoDB's guide under uvicorn; "start indexing" is left to whoever takes the
callback from a list in Redis. webhook_fastapi.py versions | serve PORT REDIS_SOCKET"""
import platform
import sys

import fastapi
import httptools
import redis
import redis.asyncio
import uvicorn
import uvloop
from fastapi import FastAPI, Request


def versions():
    print(f"fastapi {fastapi.__version__}, uvicorn {uvicorn.__version__} (uvloop"
          f" {uvloop.__version__}, httptools {httptools.__version__}), redis {redis.__version__},"
          f" Python {platform.python_version()}")


def serve(port, redis_socket):
    app = FastAPI()
    store = redis.asyncio.Redis(unix_socket_path=redis_socket)

    @app.post("/webhooks/upload")
    async def handle_upload(request: Request):
        event = await request.json()

        if event["success"]:
            await store.lpush("reelq:callbacks", await request.body())
        else:
            await store.lpush("reelq:failures", event["message"])
        return {"status": "ok"}

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


if sys.argv[1] == "versions":
    versions()
else:
    serve(int(sys.argv[2]), sys.argv[3])
