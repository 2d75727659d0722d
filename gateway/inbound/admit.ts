import type { RequestHandler } from "express";
import { Problem } from "#problem";
import type { Recorder } from "../evidence/index.ts";
import { callOf } from "./call.ts";

/**
 * Takes a place for the exchange's evidence before anything is done: when the store falls behind, calls wait, then are
 * refused, and no evidence is lost. Problem: `store_unavailable`.
 */
export const admit =
  (evidence: Pick<Recorder, "place">): RequestHandler =>
  async (request, _response, next) => {
    const place = await evidence.place();
    if (place === undefined) throw new Problem("store_unavailable");
    callOf(request).place = place;
    next();
  };
