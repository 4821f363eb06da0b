import { QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { windowWords } from "../shared/window-words.ts";
import { useClients } from "./clients-context.tsx";

/** How often the gate is asked again, in milliseconds: its certificate runs out with time alone. */
const gateInterval = 60_000;

/** How often the sync's runs and schedule are asked again, in milliseconds. */
const syncInterval = 30_000;

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // Engine and host are on this computer: whether there is a network makes no difference.
      queries: { networkMode: "always", retry: false },
      mutations: { networkMode: "always" },
    },
  });
}

export function useProject() {
  const { engine } = useClients();
  return useQuery({ queryKey: ["project"], queryFn: () => engine.project.current() });
}

export function useSourceFiles() {
  const { engine } = useClients();
  return useQuery({ queryKey: ["source-files"], queryFn: () => engine.sources.list() });
}

export function usePulledSources() {
  const { engine } = useClients();
  return useQuery({ queryKey: ["pulled-sources"], queryFn: () => engine.sources.pulled() });
}

export function useSyncState() {
  const { engine } = useClients();
  return useQuery({
    queryKey: ["sync-state"],
    queryFn: () => engine.sync.state(),
    // A run by schedule can begin, end or be missed without a word from here.
    refetchInterval: syncInterval,
  });
}

export function useMergeState() {
  const { engine } = useClients();
  return useQuery({ queryKey: ["merge-state"], queryFn: () => engine.merge.state() });
}

export function usePlan() {
  const { engine } = useClients();
  return useQuery({ queryKey: ["plan"], queryFn: () => engine.plan.current() });
}

export function useReports() {
  const { engine } = useClients();
  return useQuery({ queryKey: ["reports"], queryFn: () => engine.delivery.reports() });
}

export function useRehearsal() {
  const { engine } = useClients();
  return useQuery({ queryKey: ["rehearsal"], queryFn: () => engine.workspace.rehearsal() });
}

export function useGate() {
  const { engine } = useClients();
  return useQuery({
    queryKey: ["gate"],
    queryFn: async () => {
      const gate = await engine.gate.state();
      const blockers = gate.blockers.map((blocker) => ({
        ...blocker,
        message: windowWords(blocker.message),
        nextStep: windowWords(blocker.nextStep),
      }));
      return { ...gate, blockers };
    },
    refetchInterval: gateInterval,
  });
}

export function useKeychain() {
  const { host } = useClients();
  return useQuery({ queryKey: ["keychain"], queryFn: () => host.keychain.state() });
}

/**
 * A call that changes something. Nearly every change moves other screens too (an import makes the merge stale,
 * which locks the gate), so everything on show is asked again afterwards, also when the call failed half-way.
 */
export function useTask<Input = void, Output = unknown>(run: (input: Input) => Promise<Output>) {
  const queryClient = useQueryClient();
  return useMutation<Output, unknown, Input>({
    mutationFn: run,
    onSettled: () => queryClient.invalidateQueries(),
  });
}
