import { createContext, useContext } from "react";
import type { Clients } from "./connection.ts";

const ClientsContext = createContext<Clients | null>(null);

export const ClientsProvider = ClientsContext.Provider;

/** The clients of engine and host. */
export function useClients(): Clients {
  const clients = useContext(ClientsContext);
  if (!clients) throw new Error("useClients is used outside ClientsProvider.");
  return clients;
}
