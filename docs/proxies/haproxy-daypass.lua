-- Asks Daypass whether the request may pass, and leaves its answer in variables of the transaction:
-- txn.daypass_status (0 where nobody answered), _code, _retry_after, _authenticate, _token_id, _token_name, _token_kind,
-- _subject, _permissions. Expects txn.daypass_interface (percent-encoded) and txn.daypass_permission.

-- The only headers of the visitor that Daypass gets to see. Whatever it believes from a proxy (X-Original-…,
-- X-Forwarded-…) is not among them: that is said below, by us.
local PASSED_ON = {
  "authorization", "token", "x-api-key",
  "origin", "referer", "sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest",
  "access-control-request-method",
}

local KEPT = {
  code = "x-daypass-code", retry_after = "retry-after", authenticate = "www-authenticate",
  token_id = "x-daypass-token-id", token_name = "x-daypass-token-name", token_kind = "x-daypass-token-kind",
  subject = "x-daypass-subject", permissions = "x-daypass-permissions",
}

core.register_action("daypass", { "http-req" }, function(txn, daypass)
  txn:set_var("txn.daypass_status", 0)

  -- Every value of a header goes on, so that Daypass sees what was sent twice. Tables of Lua begin at 0 here.
  local sent, headers = txn.http:req_get_headers(), {}
  for _, name in ipairs(PASSED_ON) do
    if sent[name] then
      headers[name] = {}
      for at = 0, #sent[name] do
        table.insert(headers[name], sent[name][at])
      end
    end
  end
  headers["x-original-uri"] = { txn.sf:pathq() }
  headers["x-original-method"] = { txn.sf:method() }
  headers["x-forwarded-for"] = { txn.sf:src() }

  local url = string.format("%s/verify?interface=%s&permission=%s",
    daypass, txn:get_var("txn.daypass_interface"), txn:get_var("txn.daypass_permission"))
  local answer = core.httpclient():get({ url = url, headers = headers, timeout = 5000 })
  if not answer then
    return
  end
  for variable, header in pairs(KEPT) do
    local values = answer.headers and answer.headers[header]
    if values then
      txn:set_var("txn.daypass_" .. variable, values[0])
    end
  end
  txn:set_var("txn.daypass_status", answer.status or 0)
end, 1)
