import { DayPass } from "daypass-client";

const pass = new DayPass("/day-pass", { origins: ["https://media.example.org"] });

// Whatever can send a header goes through fetch; after a 401 it asks once more with a new pass.
const list = await (await pass.fetch("https://media.example.org/press/list.json")).json();

// A picture cannot send one, so its pass stands in the address.
for (const { path, alt } of list) {
  const picture = new Image();
  picture.alt = alt;
  picture.src = await pass.url(`https://media.example.org${path}`);
  document.querySelector("#gallery").append(picture);
}
