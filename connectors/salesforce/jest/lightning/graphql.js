// Unlike the tool's own stand-in, this one keeps the text of a query, so that a test can answer
// one of several and can have each parsed.
import { createTestWireAdapter } from "@salesforce/wire-service-jest-util";

export const graphql = createTestWireAdapter();

export const gql = (parts) => parts.join("");
