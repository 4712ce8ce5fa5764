import "@lwc/synthetic-shadow";
import { createElement } from "lwc";
import Card from "c/crmLoopCard";

document
  .querySelector("main")
  .appendChild(
    Object.assign(createElement("c-crm-loop-card", { is: Card }), window.__CARD__)
  );
