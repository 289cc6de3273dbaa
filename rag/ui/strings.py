"""Every word of the page, in Korean and English. A test fails when one language lacks a key or a placeholder.

What is bold is so by a tag: in Markdown ** between punctuation and a Korean particle (**‘문서’**에) is no
bold, but two asterisks.
"""

from __future__ import annotations

from typing import Any

STRINGS: dict[str, dict[str, str]] = {
    "ko": {
        "title": "문서에 묻기",
        "tagline": (
            "내 문서에 묻고, 출처가 확인된 짧은 답을 받습니다. 모든 일은 이 컴퓨터 안에서만 일어납니다."
        ),
        "ask_tab": "질문",
        "library_tab": "문서",
        "question": "질문",
        "question_hint": "문서에 대해 궁금한 것을 물어보세요",
        "send": "보내기",
        "stop": "멈춤",
        "retry": "다시",
        "clear": "새 대화",
        "read_ahead": "빠른 답을 위해 미리 읽는 중 … {done}/{total}",
        "easy": "쉬운 말로",
        "understood": "이렇게 이해했습니다: {question}",
        "sources": "출처",
        "no_sources": "답이 나오면 근거가 된 원문이 여기에 보입니다.",
        "quotes_first": "먼저 찾은 원문",
        "reading": "근거 {total}곳을 읽는 중 … {share}%",
        "nearest": "가장 가까운 원문",
        "previous": "이전 근거",
        "next": "다음 근거",
        "open_document": "문서에서 열기",
        "copy_quote": "출처와 함께 복사",
        "copy_table": "표 복사",
        "cell_row": "행: {name}",
        "cell_column": "열: {name}",
        "page_picture": "원본 쪽의 그림",
        "close": "닫기",
        "copied": "복사했습니다.",
        "why": "왜 이 답인가",
        "why_rank": "순위",
        "why_place": "살펴본 구절",
        "why_score": "점수",
        "why_words": "낱말",
        "why_sense": "뜻",
        "why_cited": "인용",
        "why_times": (
            "찾는 데 {search}초, 읽은 토큰 {read}개(미리 읽어 둔 것 {reused}개), 쓴 토큰 {written}개"
        ),
        "scope": "이 문서에서만 (비우면 모두)",
        "speak": "소리로 듣기",
        "brief": "개조식 복사",
        "save_md": "저장: Markdown",
        "save_docx": "저장: Word",
        "save_hwpx": "저장: 한글",
        "conversations": "지난 대화",
        "conversations_search": "대화 찾기",
        "conversation_title": "새 이름",
        "rename": "이름 바꾸기",
        "delete": "대화 지우기",
        "conversation_deleted": "대화를 지웠습니다.",
        "nothing_yet": "아직 답이 없습니다.",
        "judged": "의견을 이 컴퓨터에 적어 두었습니다.",
        "why_wrong": "무엇이 틀렸나요? (적고 Enter)",
        "feedback_rows": "의견 내려받기 (JSONL)",
        "nothing_judged": "아직 남긴 의견이 없습니다.",
        "glance_tab": "한눈에",
        "redraw": "다시 그리기",
        "map": "뜻의 지도",
        "map_hint": (
            "점 하나가 구절 하나입니다. 가까운 점은 뜻이 비슷합니다. 굵은 테두리는 마지막 답의 근거, "
            "십자는 질문입니다."
        ),
        "map_label": "구절을 뜻에 따라 늘어놓은 지도",
        "map_question": "마지막 질문",
        "timeline": "문서의 날짜",
        "timeline_label": "문서를 날짜에 따라 늘어놓은 줄",
        "nothing_to_show": "아직 보여 줄 문서가 없습니다.",
        "settings_tab": "설정",
        "language_hint": "브라우저의 언어를 따릅니다",
        "settings_hint": "아래 값은 프로그램을 시작할 때 환경 변수로 바꿉니다.",
        "setting": "설정",
        "value": "값",
        "read_ahead_setting": "쉬는 동안 문서를 미리 읽기 (답이 빨라지고 전기를 더 씁니다)",
        "keep_setting": "대화를 이 컴퓨터에 저장하기",
        "read_k_setting": "한 질문에 읽을 구절 수",
        "models": "답을 쓰는 모델",
        "models_hint": (
            "이 컴퓨터: 메모리 {memory} GB, 코어 {cores}개. 고르면 없는 모델은 받아 온 뒤 다시 시작하지 않고 바꿉니다. "
            "프로그램을 끌 때까지 쓰며, 늘 쓰려면 아래의 환경 변수로 정합니다."
        ),
        "model": "모델",
        "licence_column": "라이선스",
        "measured": "성능",
        "measured_here": "이 프로그램으로 재어 봄",
        "not_measured": "재어 보지 않음",
        "advice": "이 컴퓨터에",
        "fit_suits": "알맞음 (한 답에 {seconds}초쯤)",
        "fit_slow": "느림 (한 답에 {seconds}초쯤)",
        "fit_too_large": "메모리에 견주어 너무 큽니다",
        "fit_default": "기본값",
        "model_used": "쓰는 중",
        "model_here": "받아 둠",
        "model_away": "받지 않음",
        "use_model": "이 모델로 답하기",
        "model_changes": "{title}(으)로 바꿉니다. 위의 진행 상황을 보아 주세요.",
        "smaller": "글자 작게",
        "larger": "글자 크게",
        "contrast": "고대비",
        "dark": "어둡게",
        "look": "보기",
        "readers_only_ask": "읽기 권한만 있어 문서나 설정을 바꿀 수 없습니다.",
        "waiting": "앞에 {place}명이 기다리고 있습니다 …",
        "add_folder": "폴더째 올리기",
        "preview": "미리 보기: 위의 표에서 줄을 누르세요.",
        "title_column": "제목",
        "size": "크기",
        "welcome": "1. <strong>‘문서’</strong>에 파일을 넣습니다. PDF, 한글(HWP·HWPX), 워드, 엑셀 등을 읽습니다.\n"
        "2. <strong>묻습니다.</strong> 모든 답은 이 컴퓨터 안에서 만들어집니다.\n"
        "3. 답의 <strong>[1]</strong>을 눌러 원문을 확인합니다.",
        "searching": "문서를 찾는 중 …",
        "unconfirmed": "확인되지 않아 뺀 문장 {count}개",
        "unconfirmed_why": "원문에서 찾지 못함: {why}",
        "stopped": "멈췄습니다.",
        "first_quote": "첫 원문 {seconds}초",
        "first_word": "첫 글자 {seconds}초",
        "all": "전체 {seconds}초",
        "document": "문서",
        "state": "상태",
        "chunks": "조각",
        "pages": "쪽",
        "date": "날짜",
        "reason": "설명",
        "embedding": "낱말 검색 가능, 뜻 검색 준비 중 {share}%",
        "add_files": "파일을 여기에 끌어다 놓으세요",
        "sync": "문서 폴더와 맞추기",
        "remove": "고른 문서 빼기",
        "remove_choose": "뺄 문서",
        "syncing_read": "문서를 읽는 중 … {done}/{total} {name}",
        "syncing_embed": "뜻을 계산하는 중 … {done}/{total}",
        "syncing_scan": "준비되었습니다. 스캔한 쪽의 글자를 읽는 중 … {done}/{total} {name}",
        "recognising": "읽는 중 (문자 인식, {done}/{total}쪽)",
        "from_scan": "스캔에서 읽음",
        "cites_scans": "{numbers} 스캔에서 읽은 글입니다. 글자가 틀릴 수 있으니 원본 쪽의 그림과 견주어 보세요.",
        "fetching": "모델을 받는 중: {name} … {percent}% ({done} / {total} GB). 처음 한 번만 받습니다.",
        "loading": "모델을 준비하는 중 …",
        "ready_status": "준비되었습니다. 문서 {documents}개, 조각 {chunks}개.",
        "empty_library": "문서가 없습니다. ‘문서’ 탭에 파일을 끌어다 놓으세요.",
        "kept_for_later": "질문을 받았습니다. 준비되는 대로 답합니다. {status}",
        "not_ready": "아직 준비 중입니다. 위의 진행 상황을 보아 주세요.",
        "error": "문제가 생겼습니다: {error}",
        "added": "{count}개 파일을 받았습니다. 다 읽으면 아래 목록에 나옵니다.",
        "refused": "읽지 못한 파일 {count}개:",
        "not_added": "읽지 않는 형식의 파일 {count}개는 넣지 않았습니다: {names}. 읽는 형식: {known}",
        "edition": (
            "같은 이름의 다른 파일이 이미 있습니다: {names}. 새 파일로 바꿀까요? 앞의 파일은 새 파일을 다 읽은 뒤에 "
            "바뀝니다."
        ),
        "coverage": "읽은 양",
        "covered": "본문의 {share} %를 읽음",
        "not_read": "{things}은 글로 읽지 않음",
        "replace": "바꾸기",
        "keep_both": "둘 다 두기",
        "leave": "그만두기",
        "replacing": "새 파일 {count}개를 읽는 대로 바꿉니다. 읽지 못하는 파일이면 앞의 파일을 그대로 둡니다.",
        "there_already": "내용까지 같은 파일이 이미 있어 넣지 않은 파일 {count}개: {names}",
        "not_written": "파일을 쓸 수 없습니다: {why}. 디스크의 남은 자리와 폴더의 권한을 확인하세요.",
        "removed": "{count}개 문서를 뺐습니다.",
        "removal": "‘{names}’ 파일을 {folder} 폴더에서 지웁니다. 되돌릴 수 없습니다.",
        "removal_and_conversations": (
            "‘{names}’ 파일을 {folder} 폴더에서 지우고, 이 문서의 글이 든 지난 대화 {conversations}개에서 "
            "그 질문과 답도 지웁니다. 되돌릴 수 없습니다."
        ),
        "really_remove": "지우기",
    },
    "en": {
        "title": "Ask your documents",
        "tagline": (
            "Ask your own documents and get short answers with checked sources. Everything happens on "
            "this computer."
        ),
        "ask_tab": "Ask",
        "library_tab": "Documents",
        "question": "Question",
        "question_hint": "What would you like to know from the documents?",
        "send": "Send",
        "stop": "Stop",
        "retry": "Retry",
        "clear": "New chat",
        "read_ahead": "Reading ahead for quick answers … {done}/{total}",
        "easy": "In plain words",
        "understood": "Understood as: {question}",
        "sources": "Sources",
        "no_sources": "The source's own words will stand here with each answer.",
        "quotes_first": "Found first, word for word",
        "reading": "Reading {total} places … {share}%",
        "nearest": "The nearest sentences",
        "previous": "Previous source",
        "next": "Next source",
        "open_document": "Open in the document",
        "copy_quote": "Copy with its source",
        "copy_table": "Copy the table",
        "cell_row": "row: {name}",
        "cell_column": "column: {name}",
        "page_picture": "Picture of the original page",
        "close": "Close",
        "copied": "Copied.",
        "why": "Why this answer",
        "why_rank": "Rank",
        "why_place": "Passage considered",
        "why_score": "Score",
        "why_words": "Words",
        "why_sense": "Meaning",
        "why_cited": "Cited",
        "why_times": (
            "{search} s to search, {read} tokens read ({reused} of them read ahead), {written} written"
        ),
        "scope": "Only in these documents (none: all)",
        "speak": "Read aloud",
        "brief": "Copy as notes",
        "save_md": "Save: Markdown",
        "save_docx": "Save: Word",
        "save_hwpx": "Save: HWPX",
        "conversations": "Conversations",
        "conversations_search": "Find a conversation",
        "conversation_title": "New name",
        "rename": "Rename",
        "delete": "Delete",
        "conversation_deleted": "The conversation is deleted.",
        "nothing_yet": "There is no answer yet.",
        "judged": "Your opinion is kept on this computer.",
        "why_wrong": "What is wrong? (type and press Enter)",
        "feedback_rows": "Download opinions (JSONL)",
        "nothing_judged": "There are no opinions yet.",
        "glance_tab": "At a glance",
        "redraw": "Draw again",
        "map": "Map of meaning",
        "map_hint": (
            "Each dot is a passage; near dots mean like things. Bold outlines are the last answer's "
            "evidence, the cross is its question."
        ),
        "map_label": "Passages laid out by meaning",
        "map_question": "the last question",
        "timeline": "Dates of the documents",
        "timeline_label": "Documents laid out by date",
        "nothing_to_show": "There are no documents to show yet.",
        "settings_tab": "Settings",
        "language_hint": "follows the browser",
        "settings_hint": "These are set by environment variables when the program starts.",
        "setting": "Setting",
        "value": "Value",
        "read_ahead_setting": "Read documents ahead while idle (quicker answers, more power)",
        "keep_setting": "Keep conversations on this computer",
        "read_k_setting": "Passages to read for a question",
        "models": "The model that writes the answers",
        "models_hint": (
            "This computer: {memory} GB of memory, {cores} cores. A model that is not here is fetched, then it "
            "answers without a restart, until the program ends; to keep it, set the variable below."
        ),
        "model": "Model",
        "licence_column": "Licence",
        "measured": "Figures",
        "measured_here": "measured with this program",
        "not_measured": "not measured",
        "advice": "On this computer",
        "fit_suits": "suits it (about {seconds} s an answer)",
        "fit_slow": "slow (about {seconds} s an answer)",
        "fit_too_large": "too large for its memory",
        "fit_default": "default",
        "model_used": "in use",
        "model_here": "here",
        "model_away": "not fetched",
        "use_model": "Answer with this model",
        "model_changes": "Changing to {title}. See the progress above.",
        "smaller": "Smaller text",
        "larger": "Larger text",
        "contrast": "High contrast",
        "dark": "Dark",
        "look": "Look",
        "readers_only_ask": "You may ask, but not change documents or settings.",
        "waiting": "{place} before you …",
        "add_folder": "Upload a folder",
        "preview": "Preview: click a row of the table above.",
        "title_column": "Title",
        "size": "Size",
        "welcome": "1. Put files under <strong>Documents</strong>: PDF, Hangul (HWP, HWPX), Word, Excel and more.\n"
        "2. <strong>Ask.</strong> Every answer is made on this computer.\n"
        "3. Press <strong>[1]</strong> in an answer to check the source.",
        "searching": "Searching …",
        "unconfirmed": "Left out because no source confirms it: {count}",
        "unconfirmed_why": "not found in the source: {why}",
        "stopped": "Stopped.",
        "first_quote": "first quote {seconds} s",
        "first_word": "first word {seconds} s",
        "all": "all {seconds} s",
        "document": "Document",
        "state": "State",
        "chunks": "Chunks",
        "pages": "Pages",
        "date": "Date",
        "reason": "Note",
        "embedding": "words searchable, meaning {share}%",
        "add_files": "Drop files here",
        "sync": "Sync with the folder",
        "remove": "Remove the chosen",
        "remove_choose": "Documents to remove",
        "syncing_read": "Reading documents … {done}/{total} {name}",
        "syncing_embed": "Computing meaning … {done}/{total}",
        "syncing_scan": "Ready. Reading scanned pages … {done}/{total} {name}",
        "recognising": "Reading (recognising letters, {done}/{total} pages)",
        "from_scan": "read from a scan",
        "cites_scans": "{numbers} read from a scan. Letters may be mistaken: compare with the page's picture.",
        "fetching": "Fetching the model {name} … {percent}% ({done} / {total} GB). Only this once.",
        "loading": "Loading the models …",
        "ready_status": "Ready. {documents} documents, {chunks} chunks.",
        "empty_library": "There are no documents. Drop files into the ‘Documents’ tab.",
        "kept_for_later": "Your question is kept, and answered as soon as all is ready. {status}",
        "not_ready": "Not ready yet. See the progress above.",
        "error": "Something went wrong: {error}",
        "added": "{count} files received. They are in the list below as soon as they are read.",
        "refused": "Files that could not be read: {count}",
        "not_added": "{count} files of types that are not read were left out: {names}. Known: {known}",
        "edition": (
            "Other files of the same name are there already: {names}. Replace them? The old file goes only when "
            "the new one was read."
        ),
        "coverage": "Read",
        "covered": "{share} % of the text read",
        "not_read": "not read as text: {things}",
        "replace": "Replace",
        "keep_both": "Keep both",
        "leave": "Cancel",
        "replacing": (
            "{count} files are replaced as soon as the new ones are read. Where one cannot be read, the old file "
            "stays."
        ),
        "there_already": "{count} files were left out, since the same content is there already: {names}",
        "not_written": "A file cannot be written: {why}. Check the disk's space and the folder's permissions.",
        "removed": "{count} documents removed.",
        "removal": "This deletes from the folder {folder}: {names}. It cannot be undone.",
        "removal_and_conversations": (
            "This deletes from the folder {folder}: {names}. What past conversations hold of it goes too, "
            "question and answer; conversations: {conversations}. It cannot be undone."
        ),
        "really_remove": "Delete",
    },
}


def text(language: str, key: str, **values: object) -> str:
    """Return a string in a language ("ko" or "en") with its placeholders filled."""
    return STRINGS[language][key].format(**values)


def language_of(request: Any) -> str:
    """Return the language of the person who made a request (gradio.Request)."""
    return browser_language(request.headers.get("accept-language"))


def browser_language(accept: str | None) -> str:
    """Choose the language of a browser from its Accept-Language header; Korean unless it asks for English
    first.

    >>> browser_language("en-US,en;q=0.9,ko;q=0.8"), browser_language("ko-KR,ko"), browser_language(None)
    ('en', 'ko', 'ko')
    """
    return "en" if (accept or "").strip().lower().startswith("en") else "ko"
