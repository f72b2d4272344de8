// On your server; process.env.DAYPASS_TOKEN is the permanent token, and it stays there.
const answer = await fetch(`${process.env.DAYPASS_URL}/api/GetTemporaryToken`, {
  method: "POST",
  headers: { authorization: `Bearer ${process.env.DAYPASS_TOKEN}` },
});
console.log((await answer.json()).token); // give this one to the page
