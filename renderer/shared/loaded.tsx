import { Button, Loader } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { FailureNotice } from "./notice.tsx";
import "./loaded.css";

interface LoadedProps<Data> {
  query: UseQueryResult<Data>;
  /** What is being waited for, as a sentence: `Reading the list of files…` */
  waiting: string;
  children: (data: Data) => ReactNode;
}

/** Shows what a query brought, or that it is on its way, or why it failed with a button to try again. */
export function Loaded<Data>({ query, waiting, children }: LoadedProps<Data>) {
  if (query.isError) {
    return (
      <FailureNotice
        error={query.error}
        actions={
          <Button size="xs" variant="default" loading={query.isFetching} onClick={() => query.refetch()}>
            Try again
          </Button>
        }
      />
    );
  }
  if (query.data === undefined) return <Waiting>{waiting}</Waiting>;
  return children(query.data);
}

export function Waiting({ children }: { children: ReactNode }) {
  return (
    <div className="waiting" role="status">
      <Loader size="sm" aria-hidden />
      <span>{children}</span>
    </div>
  );
}
