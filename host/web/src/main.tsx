import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./app/App";
import { ProcessorProvider } from "./data/processor";
import "./kit/tokens.css";
import "./kit/base.css";

const page = document.getElementById("page");
if (!page) throw new Error("index.html has no place for the page");
createRoot(page).render(
  <StrictMode>
    <ProcessorProvider>
      <App />
    </ProcessorProvider>
  </StrictMode>,
);
