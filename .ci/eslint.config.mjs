// The page's scripts: ES2020 modules that run in one scope, touch no markup and evaluate nothing.
import js from "@eslint/js";

const browser = [
  "Blob",
  "DecompressionStream",
  "L",
  "MutationObserver",
  "Response",
  "TextDecoder",
  "URL",
  "atob",
  "clearTimeout",
  "document",
  "getComputedStyle",
  "matchMedia",
  "navigator",
  "requestAnimationFrame",
  "setTimeout",
];
const markup = ["innerHTML", "outerHTML", "insertAdjacentHTML", "srcdoc"];

export default [
  js.configs.recommended,
  {
    files: ["**/*.js"],
    languageOptions: {
      ecmaVersion: 2020,
      sourceType: "module",
      globals: Object.fromEntries([...browser, "globalThis"].map((name) => [name, "readonly"])),
    },
    rules: {
      eqeqeq: "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-script-url": "error",
      "no-shadow": ["error", { allow: ["map", "view", "names", "layers"] }],
      "no-var": "error",
      "prefer-const": "error",
      "no-restricted-properties": [
        "error",
        ...markup.map((property) => ({ property, message: "Text from data is never markup." })),
        { object: "document", property: "write", message: "Text from data is never markup." },
      ],
    },
  },
];
