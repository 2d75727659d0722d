const $ = (id) => document.getElementById(id);
const seen = new Set();
let session = { operations: [] };

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}
function column(place, title, ...parts) {
  const made = element("section", undefined, place);
  if (title) made.append(element("h2", title));
  made.append(...parts);
  return made;
}
function attemptsOf(turns) {
  return turns.flatMap((turn) => {
    const { length } = turn.attempts;
    const named = (at) => turn.operation + (length > 1 ? " · attempt " + (at + 1) : "");
    const rows = turn.attempts.map((attempt, at) => ({
      ...attempt,
      name: named(at),
      fault: at === length - 1 ? turn.fault : undefined,
    }));
    return length > 0
      ? rows
      : [{ name: turn.operation, curl: "(nothing left)", status: "", headers: "", body: "", fault: turn.fault }];
  });
}
function columnsOf(each) {
  const rows = attemptsOf(each.turns);
  const columns = element("div", undefined, "columns");
  columns.style.setProperty("--rows", Math.max(1, rows.length));
  columns.append(
    column("asked", each.kind === "callback" ? "The vendor called" : "We were asked", element("pre", each.asked)),
  );
  rows.forEach((row, at) => {
    const first = at === 0 ? " first" : "";
    const fault = row.fault ? [element("pre", row.fault, "bad")] : [];
    const answer = [row.headers, row.body].filter(Boolean).join("\n\n");
    const sent = column("sent" + first, at === 0 && "We sent", element("h3", row.name), element("pre", row.curl));
    const back = column(
      "back" + first,
      at === 0 && "Came back",
      element("h3", row.status),
      element("pre", answer),
      ...fault,
    );
    for (const cell of [sent, back]) cell.style.setProperty("--row", at + 1);
    columns.append(sent, back);
  });
  if (rows.length === 0)
    columns.append(column("sent first", "We sent", element("p", "nothing", "dim")), column("back first", "Came back"));
  const result = each.mappings.flatMap((one) => [
    element("h3", one.operation + " · " + one.outcome),
    element("pre", one.said),
  ]);
  if (each.answered)
    result.push(element("h3", "the partner's answer · " + each.answered.status), element("pre", each.answered.body));
  columns.append(column("result", "The mapping's result", ...result));
  return columns;
}
function show(each) {
  const key = each.id + each.at;
  if (seen.has(key)) return;
  seen.add(key);
  $("empty")?.remove();
  const count = each.violations.length;
  const card = element("article", undefined, each.kind + (count > 0 ? " broken" : ""));
  const head = element("header");
  head.append(element("b", each.title));
  if (each.answered)
    head.append(element("span", "partner got " + each.answered.status, each.answered.status < 300 ? "good" : "bad"));
  head.append(element("span", count > 0 ? count + " violation(s)" : "no violation", count > 0 ? "bad" : "good"));
  head.append(element("span", new Date(each.at).toLocaleTimeString(), "dim"));
  card.append(head, columnsOf(each));
  if (count > 0) {
    const list = element("ul");
    list.append(...each.violations.map((text) => element("li", text)));
    card.append(list);
  }
  if (each.note) card.append(element("div", each.note, "note"));
  $("list").prepend(card);
}
const chosen = () => session.operations.find((each) => each.operation === $("operation").value);
function pickOperation() {
  const examples = chosen()?.examples ?? [];
  $("example").replaceChildren(...examples.map((each, at) => new Option(each.name, at)));
  $("example").disabled = examples.length === 0;
  pickExample();
}
function pickExample() {
  const example = chosen()?.examples[$("example").value || 0];
  $("body").value = example ? JSON.stringify(example.body, null, 2) : "";
  $("body").disabled = !example;
}
async function load() {
  session = await (await fetch("/session")).json();
  document.title = session.title + " · Qiao workbench";
  $("title").textContent = session.title;
  $("vendor").textContent = "vendor: " + session.vendor;
  const [before, edited] = [$("operation").value, $("body").value];
  $("operation").replaceChildren(...session.operations.map((each) => new Option(each.operation, each.operation)));
  const still = session.operations.some((each) => each.operation === before);
  if (still) $("operation").value = before;
  pickOperation();
  if (still && edited) $("body").value = edited;
  $("fire").disabled = session.operations.length === 0;
  $("rest").hidden = session.unsupported.length === 0;
  const lines = session.unsupported.map((each) => element("div", each.operation + ": " + each.why));
  $("rest").replaceChildren(element("summary", session.unsupported.length + " declared unsupported"), ...lines);
  session.shown.forEach(show);
}
async function fire() {
  $("error").textContent = "";
  $("fire").disabled = true;
  try {
    const text = $("body").value.trim();
    const body = JSON.stringify({ operation: $("operation").value, ...(text ? { body: JSON.parse(text) } : {}) });
    const answer = await fetch("/fire", { method: "POST", headers: { "content-type": "application/json" }, body });
    if (!answer.ok) $("error").textContent = (await answer.json()).error;
  } catch (error) {
    $("error").textContent = error.message;
  }
  $("fire").disabled = false;
}
function listen() {
  const stream = new EventSource("/stream");
  stream.addEventListener("open", () => load().catch(() => {}));
  stream.addEventListener("message", (event) => show(JSON.parse(event.data)));
  stream.addEventListener("error", () => {
    stream.close();
    $("vendor").textContent = "starting anew…";
    setTimeout(listen, 300);
  });
}
$("operation").addEventListener("change", pickOperation);
$("example").addEventListener("change", pickExample);
$("fire").addEventListener("click", fire);
listen();
