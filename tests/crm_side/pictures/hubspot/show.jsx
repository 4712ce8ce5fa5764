import { createRoot } from "react-dom/client";
import { DealCard } from "../../../../connectors/hubspot/app/src/app/cards/DealCard.tsx";
import { HomePage } from "../../../../connectors/hubspot/app/src/app/pages/HomePage.tsx";

createRoot(document.querySelector("main")).render(
  window.__SHOW__ === "card" ? <DealCard /> : <HomePage />,
);
