// Redfish's task service: this BMC finishes its work before it answers, so its list of tasks is empty.
import type { Bmc } from './bmc.ts';
import { collection, healthy, link, resource, root } from './resources.ts';
import { type Answer, ok } from './router.ts';

const service = `${root}/TaskService`;

export const getTaskService = (bmc: Bmc): Answer =>
  ok({
    ...resource(service, 'TaskService.v1_2_0.TaskService', 'TaskService', 'Tasks'),
    ServiceEnabled: true,
    DateTime: bmc.now().toISOString(),
    CompletedTaskOverWritePolicy: 'Oldest',
    Status: healthy,
    Tasks: link(`${service}/Tasks`),
  });

export const listTasks = (): Answer => ok(collection(`${service}/Tasks`, 'TaskCollection', 'Tasks', []));
