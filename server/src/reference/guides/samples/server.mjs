import { createServer } from "node:http";
import { Issuer } from "daypass-client/server";

const issuer = new Issuer({ url: process.env.DAYPASS_URL, tokenFile: "/run/secrets/daypass" });

// Who gets what is for your own session to say; null = nothing.
const dayPass = issuer.handler((request) => {
  const visitor = visitorOf(request);
  return visitor && {
    lifetime: 900,
    interfaces: ["Press photos"],
    permissions: ["read"],
    origins: ["https://www.example.org"],
    subject: visitor.id,
  };
});

createServer((request, response) => {
  if (request.url === "/day-pass") return dayPass(request, response);
  // … your site
}).listen(3000);
