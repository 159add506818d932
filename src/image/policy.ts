// Default policy of the image service, by upstream's rule names.
import type { PolicyRules } from '../openstack/index.ts';

const owner = 'role:admin or (role:member and project_id:%(project_id)s)';
const seen =
  "project_id:%(project_id)s or project_id:%(member_id)s or 'community':%(visibility)s or 'public':%(visibility)s or 'shared':%(visibility)s";

export const policy: PolicyRules = {
  default: 'role:admin',
  add_image: 'role:admin or (role:member and project_id:%(project_id)s and project_id:%(owner)s)',
  get_image: `role:admin or (role:reader and (${seen}))`,
  get_images: 'role:admin or (role:reader and project_id:%(project_id)s)',
  modify_image: owner,
  delete_image: owner,
  publicize_image: 'role:admin',
  communitize_image: owner,
  upload_image: owner,
  download_image: `role:admin or (role:member and (${seen}))`,
  deactivate: owner,
  reactivate: owner,
  get_image_location: 'role:admin or (role:reader and project_id:%(project_id)s)',
  set_image_location: owner,
  delete_image_location: 'role:admin',
  add_member: owner,
  delete_member: owner,
  get_member: 'role:admin or role:reader and (project_id:%(project_id)s or project_id:%(member_id)s)',
  get_members: 'role:admin or role:reader and (project_id:%(project_id)s or project_id:%(member_id)s)',
  modify_member: 'role:admin or (role:member and project_id:%(member_id)s)',
  tasks_api_access: 'role:admin',
  stores_info_detail: 'role:admin',
  copy_image: 'role:admin',
  cache_image: 'role:admin',
  cache_list: 'role:admin',
  cache_delete: 'role:admin',
  // Not upstream's: the upkeep of the chunk store.
  'store:verify': 'role:admin',
  'store:gc': 'role:admin',
};
