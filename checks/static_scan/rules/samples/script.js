const child_process = require("child_process");
const crypto = require("crypto");
const jwt = require("jsonwebtoken");

function code(text) {
  // catches: js-code-from-text
  eval(text);
  // passes: js-code-from-text
  return eval("1 + 1");
}

function command(name) {
  // catches: js-command-built-from-text
  child_process.exec(`convert ${name} out.png`);
  // catches: js-command-built-from-text
  child_process.execSync("convert " + name);
  // passes: js-command-built-from-text
  child_process.execFile("convert", [name, "out.png"]);
  // passes: js-command-built-from-text
  return /a+/.exec(name + "x");
}

function statement(db, name) {
  // catches: js-sql-built-from-text
  db.query(`SELECT id FROM users WHERE name = '${name}'`);
  // passes: js-sql-built-from-text
  db.query("SELECT id FROM users WHERE name = ?", [name]);
  // passes: js-sql-built-from-text
  return cache.query(`users/${name}`);
}

function markup(element, text) {
  // catches: js-markup-from-text
  element.innerHTML = text;
  // passes: js-markup-from-text
  element.textContent = text;
  // passes: js-markup-from-text
  element.innerHTML = "<p>Nothing found</p>";
}

// catches: js-tls-verification-off
const open = new https.Agent({ rejectUnauthorized: false });
// passes: js-tls-verification-off
const closed = new https.Agent({ rejectUnauthorized: true });

function errors(store) {
  // catches: js-swallowed-error
  try { store.save(); } catch (error) { }
  // passes: js-swallowed-error
  try { store.save(); } catch (error) { console.error(error); }
}

// catches: js-random-for-secret
const resetToken = Math.random().toString(36);
// passes: js-random-for-secret
const delay = Math.random() * 1000;

function digests(password, body) {
  // catches: js-weak-hash
  crypto.createHash("md5").update(password);
  // passes: js-weak-hash
  crypto.createHash("md5").update(body);
}

function tokens(text, key) {
  // catches: js-token-unverified
  jwt.verify(text, key, { algorithms: ["none"] });
  // passes: js-token-unverified
  return jwt.verify(text, key, { algorithms: ["RS256"] });
}

function stopped(value) {
  // catches: js-debugger-left
  debugger;
  // passes: js-debugger-left
  console.log(value);
}

function files(req, res) {
  // catches: js-path-from-request
  fs.readFileSync("/srv/" + req.query.name);
  // passes: js-path-from-request
  fs.readFileSync("/srv/" + path.basename(req.query.name));
  // catches: js-open-redirect
  res.redirect(req.query.next);
  // passes: js-open-redirect
  res.redirect("/home");
  // catches: js-pattern-from-request
  const wanted = new RegExp(req.query.search, "i");
  // passes: js-pattern-from-request
  const fixed = new RegExp("^a+$", "i");
  return [wanted, fixed];
}
