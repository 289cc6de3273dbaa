"""What a person may be told when something fails, in Korean. Errors are raised in English; whoever shows one
says it in the reader's language.

A reason that was stored (why a document could not be read) is said in the language of whoever looks at it,
so sentences are told by their form: `{}` stands for a value. A test fails when the code can raise a sentence
that is not here.
"""

from __future__ import annotations

import functools
import locale
import os
import re

KOREAN = {
    # questions
    "The question is empty. Type what you want to know.": "질문이 비어 있습니다. 알고 싶은 것을 적어 주세요.",
    "The question has more than {} characters. Ask it in fewer "
    "words.": "질문이 {}자를 넘습니다. 더 짧게 물어 주세요.",
    "{} questions are waiting already. Ask again in a "
    "minute.": "이미 질문 {}개가 기다리고 있습니다. 잠시 뒤에 다시 물어 주세요.",
    "The prompt has {} tokens, the context {}. Ask a shorter "
    "question.": "읽을 내용이 {}토큰으로 한도 {}토큰을 넘습니다. 더 짧게 물어 주세요.",
    "The file of questions {} cannot be read ({}).": "질문 파일을 읽을 수 없습니다: {} ({}).",
    "{}, line {}: a line must be an object with a "
    '"question".': '{}, {}째 줄: "question"이 있는 객체여야 합니다.',
    "{}, line {}: this is not JSON ({}).": "{}, {}째 줄: JSON이 아닙니다 ({}).",
    "Give one question, or --questions FILE.jsonl: python -m rag ask "
    '"질문"': '질문 하나나 --questions FILE.jsonl을 주세요: python -m rag ask "질문"',
    "-k must be at least 1.": "-k는 1 이상이어야 합니다.",
    # settings
    "There is no setting named {}.": "그런 설정은 없습니다: {}.",
    "The setting {} (RAG_{}) cannot be {}. Give it "
    "{}.": "설정 {} (RAG_{})에 쓸 수 없는 값입니다: {}. 쓸 수 있는 값: {}.",
    "a whole number from {} to {}": "{}에서 {}까지의 정수",
    "a number from {} to {}": "{}에서 {}까지의 수",
    "1 (on) or 0 (off)": "1(켬)이나 0(끔)",
    "the path of a folder": "폴더의 경로",
    "a text that is not empty": "비어 있지 않은 글",
    "RAG_OVERLAP_CHARS ({}) must be smaller than RAG_CHUNK_CHARS ({}). Set one of them "
    "anew.": "RAG_OVERLAP_CHARS({})는 RAG_CHUNK_CHARS({})보다 작아야 합니다. 둘 가운데 하나를 다시 정하세요.",
    "The prompt {} cannot be read ({}). Restore it from the program's "
    "sources.": "프롬프트를 읽을 수 없습니다: {} ({}). 프로그램의 원본에서 되살리세요.",
    "The prompt {} lacks the part '=== {}'.": "프롬프트 {}에 '=== {}' 부분이 없습니다.",
    "The prompt {} must use exactly {} in '=== {}'; look at "
    "{}.": "프롬프트 {}에서는 {}만을 '=== {}' 부분에 써야 합니다. 볼 곳: {}.",
    "Others could reach the page at {}: give --auth FILE, made with python -m rag people FILE NAME, or leave "
    "--host out.": (
        "{}에서는 다른 사람도 들어올 수 있습니다. --auth FILE을 주거나(만들기: python -m rag "
        "people FILE NAME) --host를 빼세요."
    ),
    "The folder {} is not empty. Choose a new one for the "
    "bundle.": "폴더가 비어 있지 않습니다: {}. 묶음을 담을 새 폴더를 고르세요.",
    "The wheels could not be collected ({}). With a network, run again: python -m rag bundle DIR": (
        "라이브러리를 모으지 못했습니다 ({}). 네트워크에 연결하고 다시 실행하세요: python -m rag bundle DIR"
    ),
    # people
    "A name has 1 to 40 letters, digits, or any of . _ - "
    "@": "이름은 글자, 숫자, . _ - @ 로 1자에서 40자까지입니다.",
    "A password needs at least {} characters.": "비밀번호는 {}자 이상이어야 합니다.",
    "The file of people {} can be read by others. Run: chmod 600 "
    "{}": "사람 파일을 다른 사용자도 읽을 수 있습니다: {}. 실행하세요: chmod 600 {}",
    "The file of people {} names nobody. Run: python -m rag people {} "
    "NAME": "사람 파일에 아무도 없습니다: {}. 실행하세요: python -m rag people {} NAME",
    "The file of people {} cannot be written ({}).": "사람 파일을 쓸 수 없습니다: {} ({}).",
    "The file of people {} cannot be read ({}). Make one: python -m rag people {} "
    "NAME": "사람 파일을 읽을 수 없습니다: {} ({}). 만들기: python -m rag people {} NAME",
    "{}, line {}: the role must be one of {}.": "{}, {}째 줄: 역할은 다음 가운데 하나입니다: {}.",
    "{}, line {}: this is not name:role:salt:hash. Make it with: python -m rag people {} "
    "NAME": "{}, {}째 줄: name:role:salt:hash 꼴이 아닙니다. 만들기: python -m rag people {} NAME",
    "The program was closed in the middle of this. Start it "
    "again.": "일하던 중에 프로그램이 닫혔습니다. 다시 시작해 주세요.",
    # the library
    "There is no documents folder {}. Make it, or choose another with "
    "--documents.": "문서 폴더가 없습니다: {}. 폴더를 만들거나 --documents로 다른 폴더를 고르세요.",
    "{} is not in the documents folder any more. Sync "
    "again.": "문서 폴더에 이제 없습니다: {}. 다시 동기화하세요.",
    "{} changed while it was read. Sync again.": "읽는 동안 파일이 바뀌었습니다: {}. 다시 동기화하세요.",
    "{} is still in the documents folder. Delete the file first, then forget "
    "it.": "아직 문서 폴더에 있습니다: {}. 파일을 먼저 지운 뒤에 잊게 하세요.",
    "The data folder {} cannot be written ({}). Choose another with "
    "--data.": "데이터 폴더에 쓸 수 없습니다: {} ({}). --data로 다른 폴더를 고르세요.",
    "The data folder {} is in use by {}. Close that program, or choose another folder with --data.": (
        "데이터 폴더를 다른 프로그램이 쓰고 있습니다: {} ({}). 그 프로그램을 닫거나 --data로 다른 "
        "폴더를 고르세요."
    ),
    "The catalogue {} is damaged ({}). Move it away and run: python -m rag "
    "sync": "목록 파일이 손상되었습니다: {} ({}). 다른 곳으로 옮기고 실행하세요: python -m rag sync",
    "The catalogue {} was made by another version of this program ({}). Move it away and run: python -m rag "
    "sync": (
        "목록 파일을 이 프로그램의 다른 판이 만들었습니다: {} ({}). 다른 곳으로 옮기고 실행하세요: "
        "python -m rag sync"
    ),
    "The vectors in {} could not be written ({}). Check the disk's space and the folder's "
    "permissions.": "벡터를 쓸 수 없습니다: {} ({}). 디스크의 남은 자리와 폴더의 권한을 확인하세요.",
    "The catalogue {} cannot be opened ({}). Check the folder's permissions and the disk's "
    "space.": "목록 파일을 열 수 없습니다: {} ({}). 폴더의 권한과 디스크의 남은 자리를 확인하세요.",
    "The catalogue {} could not be written ({}). Check the disk's space and the folder's "
    "permissions.": "목록 파일에 쓸 수 없습니다: {} ({}). 디스크의 남은 자리와 폴더의 권한을 확인하세요.",
    "Nothing is indexed in {} yet. Run: python -m rag "
    "sync": "아직 읽은 문서가 없습니다: {}. 실행하세요: python -m rag sync",
    "A document has no text. Run: python -m rag "
    "sync": "글이 없는 문서가 있습니다. 실행하세요: python -m rag sync",
    "The conversations in {} cannot be opened ({}). Move the file away and start "
    "again.": "지난 대화를 열 수 없습니다: {} ({}). 파일을 다른 곳으로 옮기고 다시 시작하세요.",
    "The conversation could not be kept in {} ({}). Is the disk full or "
    "read-only?": "대화를 적어 두지 못했습니다: {} ({}). 디스크가 가득 찼거나 쓰기 금지인지 확인하세요.",
    "What was read of a scan could not be kept in {} ({}). Is the disk full or read-only?": (
        "스캔에서 읽은 글을 적어 두지 못했습니다: {} ({}). 디스크가 가득 찼거나 쓰기 금지인지 확인하세요."
    ),
    # models
    "The model {} ({}) is not there yet. Run: python -m rag models fetch "
    "{}": "모델이 아직 없습니다: {} ({}). 실행하세요: python -m rag models fetch {}",
    "The model {} is not there. Run: python -m rag models fetch "
    "{}": "모델 {} 파일이 없습니다. 실행하세요: python -m rag models fetch {}",
    "There is no model named {}; the catalogue has: {}.": "그런 모델은 없습니다: {}. 있는 모델: {}.",
    "There is no model file or folder {}, and no model of that name in the "
    "catalogue.": "그런 모델 파일이나 폴더, 이름이 없습니다: {}.",
    "{} is not a GGUF file. RAG_CHAT_MODEL takes a GGUF file or a name from: python -m rag models list": (
        "GGUF 파일이 아닙니다: {}. RAG_CHAT_MODEL에는 GGUF 파일이나 다음 목록의 이름을 주세요: python -m "
        "rag models list"
    ),
    "The file {} has {} bytes instead of {}. "
    "{}": "파일 {}의 크기가 {}바이트입니다. 맞는 크기는 {}바이트입니다. {}",
    "The file {} is damaged: its SHA-256 is not the one in models/catalog.toml. "
    "{}": "파일이 손상되었습니다: {}. SHA-256이 models/catalog.toml과 다릅니다. {}",
    "Delete it and run: python -m rag models fetch {}": "지우고 실행하세요: python -m rag models fetch {}",
    "The model {} could not be fetched ({}). With a network, run again: python -m rag models fetch {}": (
        "모델을 받지 못했습니다: {} ({}). 네트워크에 연결하고 다시 실행하세요: python -m rag models fetch {}"
    ),
    "Fetching {} needs {} GB in {}, {} GB are free. Make room and run: python -m rag models fetch {}": (
        "모델을 받을 자리가 모자랍니다: {}, 필요한 자리는 {}GB입니다({}). 남은 자리는 {}GB입니다. 자리를 "
        "만들고 실행하세요: python -m rag models fetch {}"
    ),
    "What was fetched for {} has a wrong SHA-256 and was thrown away. Run again: python -m rag models fetch "
    "{}": "받은 모델 {}의 SHA-256이 달라서 버렸습니다. 다시 실행하세요: python -m rag models fetch {}",
    "The models folder {} cannot be written ({}). Set RAG_MODELS_DIR to "
    "another.": "모델 폴더에 쓸 수 없습니다: {} ({}). RAG_MODELS_DIR로 다른 폴더를 고르세요.",
    "The archive holds a file with a hostile name: {}.": "받은 묶음에 위험한 이름의 파일이 있습니다: {}.",
    "part {} of {}: {}": "{}번째 조각(모두 {}개): {}",
    "The embedding model in {} could not be loaded ({}). Run: python -m rag models "
    "verify": "임베딩 모델을 열 수 없습니다: {} ({}). 실행하세요: python -m rag models verify",
    "Answers need EmbeddingGemma as the embedding model, not {}. Unset RAG_EMBEDDING_MODEL.": (
        "답하려면 임베딩 모델이 EmbeddingGemma여야 합니다. 지금은 {}입니다. RAG_EMBEDDING_MODEL 설정을 "
        "지우세요."
    ),
    "The reader's calibration in {} cannot be read ({}). Restore the file from the program's sources.": (
        "판단 기준 파일을 읽을 수 없습니다: {} ({}). 프로그램에 든 파일로 되돌려 놓으세요."
    ),
    "The embedding model failed ({}). Try again.": "임베딩 모델이 실패했습니다 ({}). 다시 해 보세요.",
    "The embedding model's process ended in the middle of its work ({}). Try again: it is started "
    "anew.": "임베딩 모델의 프로세스가 일하는 중에 끝났습니다 ({}). 다시 해 보세요. 새로 시작됩니다.",
    "The model {} could not be loaded: it is damaged or of a kind that this llama.cpp does not "
    "know.": "모델을 열 수 없습니다: {}. 손상되었거나 이 llama.cpp가 모르는 종류입니다.",
    "The model {} needs more memory than there is for {} tokens. Set RAG_N_CTX lower or use a smaller "
    "model.": "모델을 쓰기에 메모리가 모자랍니다: {}, {}토큰. RAG_N_CTX를 낮추거나 더 작은 모델을 쓰세요.",
    "The model stopped in the middle of its work (llama.cpp code {}). Ask "
    "again.": "모델이 일하던 중에 멈췄습니다 (llama.cpp {}). 다시 물어 주세요.",
    "The analyser of Korean ended in the middle of its work ({}). Try again: it is started "
    "anew.": "한국어 분석기가 일하던 중에 꺼졌습니다 ({}). 다시 해 보세요. 새로 시작됩니다.",
    "The analyser of Korean failed ({}). Try again.": "한국어 분석기가 실패했습니다 ({}). 다시 해 보세요.",
    "The model's process ended in the middle of its work ({}). Ask again: it is started "
    "anew.": "모델이 일하던 중에 꺼졌습니다 ({}). 다시 물어 주세요. 모델은 새로 켜집니다.",
    "The model failed ({}). Ask again.": "모델에 문제가 생겼습니다 ({}). 다시 물어 주세요.",
    "The chat server {} does not answer. Start it, or unset "
    "RAG_CHAT_URL.": "답을 쓰는 서버가 대답하지 않습니다: {}. 서버를 켜거나 RAG_CHAT_URL 설정을 지우세요.",
    "The chat server {} refuses ({}). Look at RAG_CHAT_NAME and "
    "RAG_CHAT_KEY.": "답을 쓰는 서버가 거절했습니다: {} ({}). RAG_CHAT_NAME과 RAG_CHAT_KEY를 확인하세요.",
    "RAG_CHAT_URL cannot be {}. Give it an address like http://127.0.0.1:8080/v1.": (
        "RAG_CHAT_URL 값이 잘못되었습니다: {}. http://127.0.0.1:8080/v1 같은 주소를 주세요."
    ),
    "No model is open.": "열린 모델이 없습니다.",
    "This GGUF file has no chat template. Use an instruct "
    "model.": "이 GGUF 파일에는 대화 틀이 없습니다. instruct 모델을 쓰세요.",
    "The chat template of this GGUF file cannot be used ({}). Use another instruct "
    "model.": "이 GGUF 파일의 대화 틀을 쓸 수 없습니다 ({}). 다른 instruct 모델을 쓰세요.",
    # one document
    "{} holds no text.": "글이 없습니다: {}",
    "{} is empty.": "빈 파일입니다: {}",
    "{} is not a regular file.": "보통의 파일이 아닙니다: {}",
    "{} cannot be opened ({}).": "파일을 열 수 없습니다: {} ({})",
    "{} cannot be read ({}).": "파일을 읽을 수 없습니다: {} ({})",
    "{} The file that was there stays.": "{} 앞의 파일을 그대로 둡니다.",
    "{} cannot be written ({}).": "파일을 쓸 수 없습니다: {} ({})",
    "{} Its earlier version stays in the library.": "{} 앞서 읽은 내용은 그대로 남아 있습니다.",
    "{} invisible characters were taken out.": "보이지 않는 글자 {}개를 걷어 냈습니다.",
    "Attachments that were not read: {}.": "읽지 않은 첨부 파일: {}.",
    "{} is damaged or not a mail of Outlook.": "{}: 손상되었거나 아웃룩 메일이 아닙니다.",
    "a mail of Outlook": "아웃룩 메일",
    "{} of {} pages are pictures and were not read.": "그림으로 된 쪽 {}개는 읽지 못했습니다 (모두 {}쪽).",
    "{} of {} pages are pictures and are being read.": "그림으로 된 쪽 {}개를 읽고 있습니다 (모두 {}쪽).",
    "{} of {} pages were read from a scan, where letters may be mistaken.": (
        "{}쪽은 스캔에서 읽어 글자가 틀릴 수 있습니다 (모두 {}쪽)."
    ),
    "{} of {} pages are pictures that could not be read.": (
        "그림으로 된 쪽 {}개는 글자를 알아볼 수 없었습니다 (모두 {}쪽)."
    ),
    "To have them read, install Tesseract with Korean: {}": "읽게 하려면 한국어 Tesseract를 설치하세요: {}",
    "{} characters were left out: deleted, struck out, or remarks.": (
        "지웠거나 줄을 그었거나 메모인 글자 {}개는 읽지 않았습니다."
    ),
    "{} characters are hidden, white or tiny in the file, so that a reader may not see them; they were "
    "read.": (
        "파일에서 숨겨졌거나 희거나 아주 작아 읽는 이가 못 볼 수 있는 글자가 {}개 있으며, 함께 읽었습니다."
    ),
    "same content as {}": "{} 문서와 내용이 같습니다",
    "{} has {} MB; the limit is {} MB. Split it and sync "
    "again.": "{}: {}MB입니다. 한도는 {}MB입니다. 나누어서 다시 동기화하세요.",
    "{}: files of type {} are not read. Save it as {} and sync again.": (
        "{}: {} 형식은 읽지 않습니다. {} 형식으로 저장해 다시 동기화하세요."
    ),
    "{} is locked by a document protection program (DRM). Open it where you may, save an unlocked copy and sync "
    "again.": (
        "{}: 문서 보안 프로그램(DRM)으로 잠긴 파일입니다. 열 수 있는 곳에서 열어 잠금을 푼 사본을 저장한 뒤 다시 "
        "동기화하세요."
    ),
    "{} is an {} document. Save it in Hangul as .hwpx and sync again.": (
        "{}: {} 문서입니다. 한글에서 .hwpx 형식으로 저장해 다시 동기화하세요."
    ),
    "{} is damaged: its text cannot be read.": "{}: 손상된 파일입니다. 글을 읽을 수 없습니다.",
    "{} is damaged or not an HWPX document: it has no section.": (
        "{}: 손상되었거나 HWPX 문서가 아닙니다. 본문이 없습니다."
    ),
    "{}: files of type {} are not read. Known: {}.": "{}: {} 형식은 읽지 않습니다. 읽는 형식: {}",
    "{} is not text: its content is of another type than its name "
    "says.": "{}: 글 파일이 아닙니다. 내용이 이름과 다른 형식입니다.",
    "{} is damaged or not {}: its content is of another type than its name "
    "says.": "{}: 손상되었거나 {} 파일이 아닙니다. 내용이 이름과 다른 형식입니다.",
    "{} is damaged or not {}.": "{}: 손상되었거나 {} 파일이 아닙니다.",
    "{} is damaged or not an HWP document ({}).": "{}: 손상되었거나 HWP 파일이 아닙니다 ({}).",
    "{} is damaged: its container cannot be read.": "{}: 손상되었습니다. 안을 읽을 수 없습니다.",
    "{} is damaged: its archive cannot be read.": "{}: 손상되었습니다. 압축을 풀 수 없습니다.",
    "{} is damaged and could not be read ({}).": "{}: 손상되어 읽을 수 없습니다 ({}).",
    "{} could not be read: it is damaged, or needs more than {} MB of "
    "memory.": "{}: 읽을 수 없습니다. 손상되었거나 메모리가 {}MB 넘게 듭니다.",
    "{} could not be read: it is damaged, or needs more than {} MB of memory "
    "({}).": "{}: 읽을 수 없습니다. 손상되었거나 메모리가 {}MB 넘게 듭니다 ({}).",
    "{} could not be read: the process that reads files could not be started ({}). Install the program anew "
    "and sync again.": (
        "{}: 읽을 수 없습니다. 파일을 읽는 프로세스가 시작되지 않았습니다 ({}). 프로그램을 다시 설치하고 "
        "동기화하세요."
    ),
    "{} needs more than {} MB of memory to read. Split it and sync "
    "again.": "{}: 읽는 데 메모리가 {}MB 넘게 듭니다. 나누어서 다시 동기화하세요.",
    "{} took longer than {} s to read and was given up. Split it and sync "
    "again.": "{}: 읽는 데 {}초가 넘어 그만두었습니다. 나누어서 다시 동기화하세요.",
    "{} is password-protected. Save a copy without a password and sync "
    "again.": "{}: 암호가 걸려 있습니다. 암호 없이 저장한 사본으로 다시 동기화하세요.",
    "{} is password-protected or in an old format. Save it anew as {} without a password and sync "
    "again.": "{}: 암호가 걸려 있거나 옛 형식입니다. 암호 없이 {} 형식으로 새로 저장해 다시 동기화하세요.",
    "{} is a distribution (배포용) document that could not be opened. Save it as an ordinary document and "
    "sync again.": "{}: 열 수 없는 배포용 문서입니다. 보통 문서로 저장해 다시 동기화하세요.",
    "{} has no text (scanned pages?): it needs OCR before it can be "
    "read.": "{}: 글이 없습니다(스캔한 쪽?). 먼저 글자 인식(OCR)을 해야 합니다.",
    "{} cannot be read: its fonts do not say which letters they show. Print it to a new PDF or use "
    "OCR.": "{}: 글꼴에 글자 정보가 없어 읽을 수 없습니다. 새 PDF로 인쇄하거나 글자 인식(OCR)을 하세요.",
    "{} has {} pages; the limit is {}. Split it and sync "
    "again.": "{}: {}쪽입니다. 한도는 {}쪽입니다. 나누어서 다시 동기화하세요.",
    "{} holds no HTML that could be read.": "{}: 읽을 수 있는 HTML이 없습니다.",
    "{} is not text in any encoding that could be recognised. Save it as UTF-8 and sync "
    "again.": "{}: 알 수 없는 글자 부호입니다. UTF-8로 저장해 다시 동기화하세요.",
    "{} mixes encodings and cannot be read without loss. Save it as UTF-8 and sync "
    "again.": "{}: 여러 글자 부호가 섞여 있어 온전히 읽을 수 없습니다. UTF-8로 저장해 다시 동기화하세요.",
    "{} is damaged: its UTF-16 text breaks off or is mixed with other bytes. Save it as UTF-8 and sync "
    "again.": (
        "{}: 손상되었습니다. UTF-16 글이 끊겼거나 다른 것과 섞였습니다. UTF-8로 저장해 다시 동기화하세요."
    ),
    "{} unpacks to {} MB; it was refused because it may be an archive "
    "bomb.": "{}: 풀면 {}MB입니다. 압축 폭탄일 수 있어 읽지 않았습니다.",
    "{} declares XML entities, which no such document needs, and was "
    "refused.": "{}: 이런 문서에 필요 없는 XML 개체가 있어 읽지 않았습니다.",
    "{} names files outside its own archive and was refused.": "{}: 묶음 밖의 파일을 가리켜 읽지 않았습니다.",
    "{} is damaged or not CSV ({}).": "{}: 손상되었거나 CSV 파일이 아닙니다 ({}).",
    "{}: the sheet {} has {} rows; the limit is {}.": "{}: {} 시트가 {}행입니다. 한도는 {}행입니다.",
    "{} has {} rows; the limit is {}.": "{}: {}행입니다. 한도는 {}행입니다.",
    "Page {} of {} cannot be drawn; has the file changed? Sync "
    "again.": "{}쪽을 그릴 수 없습니다: {}. 파일이 바뀌었다면 다시 동기화하세요.",
    "a PDF": "PDF",
    "an HWP document": "HWP",
    "an HWPX document": "HWPX",
    "a Word document": "워드",
    "a PowerPoint presentation": "파워포인트",
    "an Excel workbook": "엑셀",
    "an OpenDocument spreadsheet": "오픈도큐먼트 스프레드시트",
    "a workbook": "엑셀",
    "an image": "그림",
}


def say(message: str, language: str) -> str:
    """Return an English message of this program in a language ("ko" or "en"); a message that is not known
    stays as it is. Of several lines each is one.

    >>> say("계획.pdf is empty.", "ko"), say("계획.pdf is empty.", "en")
    ('빈 파일입니다: 계획.pdf', '계획.pdf is empty.')
    """
    if language == "ko":
        if "\n" in message:
            lines = message.split("\n")
            told = [say(line, language) for line in lines]
            if all(new != old for new, old in zip(told, lines, strict=True)):
                return "\n".join(told)
        for pattern, korean in _patterns():
            if match := pattern.fullmatch(message):
                return korean.format(*(say(value, language) if value else value for value in match.groups()))
    return message


def terminal_language() -> str:
    """Return the language of the terminal: "ko" where the system speaks Korean, else "en"."""
    named = next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    ) or (locale.getlocale()[0] or "")
    return "ko" if named.lower().startswith("ko") else "en"


@functools.cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """The sentences as patterns, those with the most words of their own first."""
    ordered = sorted(KOREAN.items(), key=lambda pair: -len(pair[0].replace("{}", "")))
    return [
        (re.compile("(.+?)".join(map(re.escape, english.split("{}"))), re.DOTALL), korean)
        for english, korean in ordered
    ]
