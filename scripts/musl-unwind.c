/*
 * Lets gcc's unwinder find exception tables in a program linked with musl.
 *
 * Since version 12, Debian's libgcc_eh.a asks glibc's _dl_find_object() for them, which musl does
 * not have. This one answers the same question with dl_iterate_phdr(), which musl has. Rust needs
 * it to unwind a panic, and guard unwinds every panic into a refusal.
 */
#define _GNU_SOURCE
#include <link.h>
#include <stddef.h>
#include <stdint.h>

/* As struct dl_find_object in glibc's <dlfcn.h>. */
struct found {
	unsigned long long flags;
	void *map_start, *map_end;
	void *link_map;
	void *eh_frame_hdr;
	unsigned long long reserved[7];
};

struct search {
	uintptr_t pc;
	struct found *found;
};

int _dl_find_object(void *pc, struct found *found);

static int look_in(struct dl_phdr_info *object, size_t size, void *data)
{
	struct search *search = data;
	void *start = NULL, *end = NULL, *eh_frame_hdr = NULL;

	(void)size;
	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &object->dlpi_phdr[i];
		uintptr_t at = object->dlpi_addr + part->p_vaddr;

		if (part->p_type == PT_GNU_EH_FRAME)
			eh_frame_hdr = (void *)at;
		if (part->p_type == PT_LOAD && search->pc - at < part->p_memsz) {
			start = (void *)at;
			end = (void *)(at + part->p_memsz);
		}
	}
	if (!start || !eh_frame_hdr)
		return 0;
	search->found->map_start = start;
	search->found->map_end = end;
	search->found->eh_frame_hdr = eh_frame_hdr;
	return 1;
}

int _dl_find_object(void *pc, struct found *found)
{
	struct search search = {(uintptr_t)pc, found};

	return dl_iterate_phdr(look_in, &search) ? 0 : -1;
}
