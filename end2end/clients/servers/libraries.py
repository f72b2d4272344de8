"""Python's clients at their defaults; the first argument chooses one."""
import os
import sys

URL, QUESTION = os.environ["DAYPASS"], os.environ["QUESTION"]
HEADERS = {"Authorization": "Bearer " + os.environ["SECRET"]}


def with_urllib(method, path):
    from urllib.request import Request, urlopen

    return urlopen(Request(URL + path, headers=HEADERS, method=method)).status


def with_requests(method, path):
    import requests

    return requests.request(method, URL + path, headers=HEADERS).status_code


def with_httpx(method, path):
    import httpx

    return httpx.request(method, URL + path, headers=HEADERS).status_code


def with_aiohttp(method, path):
    import asyncio

    import aiohttp

    async def ask():
        async with aiohttp.ClientSession() as session:
            async with session.request(method, URL + path, headers=HEADERS) as answer:
                return answer.status

    return asyncio.run(ask())


ask = globals()["with_" + sys.argv[1]]
print(ask("GET", QUESTION), ask("POST", "/api/GetTemporaryToken"))
