// Work that a BMC goes on with after its answer: tasks and what tells how far they are (DSP0266, 12.2).

import type { Bmc } from './bmc.ts';
import { fault } from './messages.ts';
import { collection, healthy, link, resource, root } from './resources.ts';
import { type Answer, done, ok, type RedfishRequest } from './router.ts';

export interface Task {
  readonly id: string;
  readonly name: string;
  state: 'Running' | 'Completed' | 'Exception';
  message: string;
}

/** How long a task of a machine without real parts takes. */
const taskMs = 500;

/** More than these are forgotten, the oldest first. */
const mostTasks = 32;

export class Tasks {
  readonly #wait: (ms: number) => Promise<unknown>;
  readonly #all = new Map<string, Task>();
  readonly #cancelled = new WeakSet<Task>();
  #count = 0;

  constructor(wait: (ms: number) => Promise<unknown>) {
    this.#wait = wait;
  }

  /** Starts a task whose effect comes when its time is over. */
  begin(name: string, work: () => void | Promise<void>): Task {
    const task: Task = { id: String(++this.#count), name, state: 'Running', message: 'The task is running.' };
    this.#all.set(task.id, task);
    const oldest = this.#all.size > mostTasks ? this.#all.keys().next().value : undefined;
    if (oldest !== undefined) this.#all.delete(oldest);
    this.#wait(taskMs)
      .then(() => (this.#cancelled.has(task) ? undefined : work()))
      .then(
        () => {
          task.state = 'Completed';
          task.message = 'The task is done.';
        },
        (error: unknown) => {
          task.state = 'Exception';
          task.message = error instanceof Error ? error.message : String(error);
        },
      );
    return task;
  }

  /** Forgets a task; one that runs has no effect. */
  delete(task: Task): void {
    this.#all.delete(task.id);
    this.#cancelled.add(task);
  }

  list(): readonly Task[] {
    return [...this.#all.values()];
  }

  get(id: string | undefined): Task | undefined {
    return id === undefined ? undefined : this.#all.get(id);
  }
}

const service = `${root}/TaskService`;
const taskPath = (task: Task): string => `${service}/Tasks/${task.id}`;
const monitorPath = (task: Task): string => `${service}/TaskMonitors/${task.id}`;

const taskBody = (task: Task): Record<string, unknown> => ({
  ...resource(taskPath(task), 'Task.v1_5_0.Task', task.id, task.name),
  TaskState: task.state,
  TaskStatus: task.state === 'Exception' ? 'Critical' : 'OK',
  TaskMonitor: monitorPath(task),
  Messages: [
    {
      '@odata.type': '#Message.v1_1_1.Message',
      MessageId: `Base.1.8.${task.state === 'Exception' ? 'InternalError' : 'Success'}`,
      Message: task.message,
    },
  ],
});

/** The answer to a request that a task goes on with. */
export const accepted = (task: Task): Answer => ({
  status: 202,
  body: taskBody(task),
  headers: { Location: monitorPath(task), 'Retry-After': '1' },
});

export const getTaskService = (bmc: Bmc): Answer =>
  ok({
    ...resource(service, 'TaskService.v1_2_0.TaskService', 'TaskService', 'Tasks'),
    ServiceEnabled: true,
    DateTime: bmc.now().toISOString(),
    CompletedTaskOverWritePolicy: 'Oldest',
    Status: healthy,
    Tasks: link(`${service}/Tasks`),
  });

export const listTasks = (bmc: Bmc): Answer =>
  ok(collection(`${service}/Tasks`, 'TaskCollection', 'Tasks', bmc.tasks.list().map(taskPath)));

function find(bmc: Bmc, request: RedfishRequest): Task {
  const task = bmc.tasks.get(request.path.id);
  if (!task) throw fault('ResourceMissingAtURI', [request.uri]);
  return task;
}

export const getTask = (bmc: Bmc, request: RedfishRequest): Answer => ok(taskBody(find(bmc, request)));

/** Ends it before its time (DSP0266, 12.2). */
export function deleteTask(bmc: Bmc, request: RedfishRequest): Answer {
  bmc.tasks.delete(find(bmc, request));
  return done;
}

/** 202 while the task runs, then what the request would have answered. */
export function getTaskMonitor(bmc: Bmc, request: RedfishRequest): Answer {
  const task = find(bmc, request);
  return task.state === 'Running' ? accepted(task) : ok(taskBody(task));
}
