// Solara puts this into its page, before its own scripts: the page of Embers starts here and does not wait for them.
var vuetifyThemes = { light: { dark: false, colors: {} }, dark: { dark: true, colors: {} } }; // what Solara expects here
import(new URL("../../embers/static/main.js", document.querySelector('link[rel="icon"]').href));
