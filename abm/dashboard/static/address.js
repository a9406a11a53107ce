// Where this server is: its pages may lie under the path of a proxy.

export const HERE = new URL("..", import.meta.url).href.replace(/\/$/, ""); // http://localhost:8765/embers
