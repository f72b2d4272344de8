-- For wrk: asks with one token after the other. Arguments: method, path, file with one token per line, content type and
-- body, which of so many parts of the list this run takes (so that no run begins where the last one did), a pause before
-- each request in milliseconds (0 = none), and the token of who asks, where the others stand in the body as {token}.
local requests, at, pause = {}, 0, 0

function init(args)
  local method, path, file, kind, body = args[1], args[2], args[3], args[4], args[5]
  local offset, caller = tonumber(args[6]), args[8]
  pause = tonumber(args[7])
  for token in io.lines(file) do
    local headers = { Authorization = 'Bearer ' .. (caller ~= '' and caller or token) }
    if body ~= '' then headers['Content-Type'] = kind end
    local text = string.gsub(body, '{token}', token)
    requests[#requests + 1] = wrk.format(method, path, headers, body ~= '' and text or nil)
  end
  at = offset % #requests
end

function request()
  at = at % #requests + 1
  return requests[at]
end

-- Around the pause, so that the connections do not ask all at once.
function delay()
  return pause > 0 and math.random(0, math.floor(2 * pause + 0.5)) or 0
end
