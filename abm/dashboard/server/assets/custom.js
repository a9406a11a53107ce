// Solara puts this into its page. The page of Embers starts here and does not wait for Solara, which takes a second.
import(`${solara.rootPath}/embers/static/main.js`);
