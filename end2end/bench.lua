-- For wrk: asks with one token after the other. Arguments: method, path, file with one token per line, body, and
-- which of so many parts of the list this run takes, so that no run begins where the last one did.
local requests, at = {}, 0

function init(args)
  local method, path, file, body, offset = args[1], args[2], args[3], args[4], tonumber(args[5])
  for token in io.lines(file) do
    local headers = { Authorization = 'Bearer ' .. token }
    if body ~= '' then headers['Content-Type'] = 'application/json' end
    requests[#requests + 1] = wrk.format(method, path, headers, body ~= '' and body or nil)
  end
  at = offset % #requests
end

function request()
  at = at % #requests + 1
  return requests[at]
end
