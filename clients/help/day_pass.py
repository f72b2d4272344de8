# On your server; os.environ["DAYPASS_TOKEN"] is the permanent token, and it stays there.
import json, os, urllib.request
request = urllib.request.Request(os.environ["DAYPASS_URL"] + "/api/GetTemporaryToken", method="POST",
    headers={"Authorization": "Bearer " + os.environ["DAYPASS_TOKEN"]})
print(json.load(urllib.request.urlopen(request))["token"])  # give this one to the page
