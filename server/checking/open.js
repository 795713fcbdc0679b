"use strict";

// What stands after the # was sent to nobody: it goes into the form, and out of the address and the history.
const secret = location.hash.slice(1);
if (secret) {
  document.getElementById("secret").value = secret;
  document.getElementById("pasted").hidden = true;
  document.querySelectorAll(".others").forEach((other) => (other.hidden = true));
  history.replaceState(null, "", location.pathname);
}
