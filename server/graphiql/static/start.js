"use strict";

const room = document.getElementById("graphiql");

// What was typed lives as long as the browser's tab: keys and birth names must not stay on a shared machine.
// Headers do not outlive a reload: GraphiQL keeps them only when asked to.
const storage = window.sessionStorage;

async function start() {
  const answer = await fetch("/graphiql/examples.json");
  if (!answer.ok) throw new Error(`examples.json: ${answer.status}`);
  const examples = await answer.json();
  const page = React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: room.dataset.endpoint }),
    storage,
    defaultTabs: examples,
    // GraphiQL takes the variables of every default tab but the first.
    variables: storage.getItem("graphiql:tabState") === null ? examples[0].variables : undefined,
    defaultEditorToolsVisibility: "variables",
    isHeadersEditorEnabled: true,
  });
  ReactDOM.createRoot(room).render(page);
}

start().catch((error) => {
  const sentence = document.createElement("p");
  sentence.setAttribute("role", "alert");
  sentence.textContent = `GraphiQL n’a pas pu démarrer : ${error.message}`;
  room.replaceChildren(sentence);
});
