"""Words, sentences, numbers and grammar of Korean; pure but for Kiwi (`morphology`)."""
