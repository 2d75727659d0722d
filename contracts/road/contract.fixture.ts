/** The contract as a partner reads it, where the kit reads it too. */
export { operationOf, differences, examplesOf, problemFaults } from "../kit/contract.ts";
